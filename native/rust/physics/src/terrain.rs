//! Terrains: the ground, and what else stops a joint.

/// The height of a bump, and the distance of the tops of two bumps.
const BUMP: (f64, f64) = (1.0, 5.0);
/// The gap between a walker as it is placed and a wall or a ceiling.
const GAP: f64 = 1.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terrain {
    /// Level ground.
    Flat,
    /// Level ground that ends at a wall on the left of the walker.
    LeftWall,
    /// Level ground that ends at a wall on the right of the walker.
    RightWall,
    /// Bumps, with a hollow under the center of the walker as it is placed.
    Bumpy,
    /// Level ground under a ceiling, just higher than the walker.
    Tunnel,
}

/// All terrains, by name.
pub const TERRAINS: [(&str, Terrain); 5] = [
    ("flat", Terrain::Flat),
    ("left-wall", Terrain::LeftWall),
    ("right-wall", Terrain::RightWall),
    ("bumpy", Terrain::Bumpy),
    ("tunnel", Terrain::Tunnel),
];

impl Terrain {
    pub fn named(name: &str) -> Option<Terrain> {
        TERRAINS.iter().find(|(known, _)| *known == name).map(|&(_, terrain)| terrain)
    }
}

/// A plane that a joint may not pass: its unit normal, and the distance of the joint's surface from it (negative inside).
pub struct Contact {
    pub normal: (f64, f64),
    pub distance: f64,
}

/// A terrain around a walker of a given size, whose bounding box is centered over x = 0.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings {
    terrain: Terrain,
    /// The radius of a joint.
    radius: f64,
    /// Of the walls, the distance from x = 0; of the ceiling, the height.
    limit: f64,
}

impl Surroundings {
    pub fn new(terrain: Terrain, radius: f64, width: f64, height: f64) -> Surroundings {
        let limit = match terrain {
            Terrain::Tunnel => height + 2.0 * radius + GAP,
            _ => width / 2.0 + radius + GAP,
        };
        Surroundings { terrain, radius, limit }
    }

    /// The height of the ground, and its slope.
    pub fn ground(&self, x: f64) -> (f64, f64) {
        if self.terrain != Terrain::Bumpy {
            return (0.0, 0.0);
        }
        let (height, distance) = BUMP;
        // The same on both sides of 0, so that a mirrored walker is mirrored exactly.
        let share = x.abs() / distance - (x.abs() / distance).floor();
        let rise = share * (1.0 - share);
        let slope = 32.0 * height / distance * rise * (1.0 - 2.0 * share);
        (16.0 * height * rise * rise, if x < 0.0 { -slope } else { slope })
    }

    /// The contact of a joint with the ground, taken as a plane under it.
    pub fn below(&self, x: f64, y: f64) -> Contact {
        if self.terrain != Terrain::Bumpy {
            return Contact { normal: (0.0, 1.0), distance: y - self.radius };
        }
        let (height, slope) = self.ground(x);
        let length = (1.0 + slope * slope).sqrt();
        Contact { normal: (-slope / length, 1.0 / length), distance: (y - height) / length - self.radius }
    }

    /// The contact of a joint with a wall or a ceiling, if there is one.
    pub fn beside(&self, x: f64, y: f64) -> Option<Contact> {
        let (normal, distance) = match self.terrain {
            Terrain::LeftWall => ((1.0, 0.0), x + self.limit),
            Terrain::RightWall => ((-1.0, 0.0), self.limit - x),
            Terrain::Tunnel => ((0.0, -1.0), self.limit - y),
            Terrain::Flat | Terrain::Bumpy => return None,
        };
        Some(Contact { normal, distance: distance - self.radius })
    }

    /// The place of the wall or the ceiling, if there is one: x or y.
    pub fn limit(&self) -> Option<f64> {
        match self.terrain {
            Terrain::LeftWall => Some(-self.limit),
            Terrain::RightWall | Terrain::Tunnel => Some(self.limit),
            Terrain::Flat | Terrain::Bumpy => None,
        }
    }
}
