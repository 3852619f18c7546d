//! The grid: a byte a cell holds its markers or says that it is a wall.

use crate::error::Error;
use crate::random::mix;

/// What a wall is in place of markers, of which a cell holds at most `MOST_MARKERS`.
const WALL: u8 = 15;
pub const MOST_MARKERS: u8 = 10;
/// Cells of the largest side: positions must fit 16 bits.
pub const LARGEST_SIDE: usize = 250;

/// A heading; turning right adds one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Heading {
    North,
    East,
    South,
    West,
}

pub const HEADINGS: [Heading; 4] = [Heading::North, Heading::East, Heading::South, Heading::West];

impl Heading {
    #[inline]
    pub fn turned(self, quarters_right: u8) -> Heading {
        match (self as u8).wrapping_add(quarters_right) & 3 {
            0 => Heading::North,
            1 => Heading::East,
            2 => Heading::South,
            _ => Heading::West,
        }
    }

    pub fn letter(self) -> char {
        ['N', 'E', 'S', 'W'][self as usize]
    }
}

/// A grid with the agent on it. Cells are numbered row by row from the top left, and the border is always wall.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    height: usize,
    width: usize,
    cells: Vec<u8>,
    /// What to add (wrapping) to a cell's number to get north, east, south and west of it; then four times nothing.
    steps: [usize; 8],
    pub agent: usize,
    pub heading: Heading,
}

impl World {
    /// A room with walls around it; the agent stands in the top left corner of the inside, facing east.
    pub fn room(height: usize, width: usize) -> Result<World, Error> {
        if height < 3 || width < 3 || height > LARGEST_SIDE || width > LARGEST_SIDE {
            return Err(Error::world(format!(
                "a world is 3 to {LARGEST_SIDE} cells high and wide, not {height} by {width}"
            )));
        }
        let cells = vec![0; height * width];
        let steps = [width.wrapping_neg(), 1, width, usize::MAX, 0, 0, 0, 0];
        let mut world = World { height, width, cells, steps, agent: width + 1, heading: Heading::East };
        for column in 0..width {
            world.build_wall(column);
            world.build_wall((height - 1) * width + column);
        }
        for row in 0..height {
            world.build_wall(row * width);
            world.build_wall(row * width + width - 1);
        }
        Ok(world)
    }

    pub fn height(&self) -> usize {
        self.height
    }

    pub fn width(&self) -> usize {
        self.width
    }

    /// The cells of the inside, walls among them too.
    pub fn inner(&self) -> usize {
        (self.height - 2) * (self.width - 2)
    }

    /// The number of the cell at a row and a column.
    pub fn at(&self, row: usize, column: usize) -> usize {
        row * self.width + column
    }

    pub fn row_and_column(&self, cell: usize) -> (usize, usize) {
        (cell / self.width, cell % self.width)
    }

    pub fn is_inside(&self, row: usize, column: usize) -> bool {
        (1..self.height - 1).contains(&row) && (1..self.width - 1).contains(&column)
    }

    /// The numbers of the inside's cells, row by row.
    pub fn inside(&self) -> impl Iterator<Item = usize> + '_ {
        (1..self.height - 1).flat_map(move |row| (1..self.width - 1).map(move |column| self.at(row, column)))
    }

    #[inline]
    pub fn is_wall(&self, cell: usize) -> bool {
        self.cells[cell] == WALL
    }

    /// The markers on a cell; a wall has none.
    #[inline]
    pub fn markers(&self, cell: usize) -> u8 {
        match self.cells[cell] {
            WALL => 0,
            markers => markers,
        }
    }

    /// Puts exactly so many markers on a cell, at most `MOST_MARKERS`; a wall there goes.
    #[inline]
    pub fn set_markers(&mut self, cell: usize, markers: u8) {
        debug_assert!(markers <= MOST_MARKERS);
        self.cells[cell] = markers;
    }

    #[inline]
    pub fn build_wall(&mut self, cell: usize) {
        self.cells[cell] = WALL;
    }

    /// Takes a wall away; any other cell stays as it is.
    pub fn open(&mut self, cell: usize) {
        if self.is_wall(cell) {
            self.cells[cell] = 0;
        }
    }

    /// The cell next to a cell of the inside.
    #[inline]
    pub fn neighbor(&self, cell: usize, heading: Heading) -> usize {
        cell.wrapping_add(self.steps[heading as usize])
    }

    #[inline]
    pub fn is_clear(&self, heading: Heading) -> bool {
        !self.is_wall(self.neighbor(self.agent, heading))
    }

    /// Whether a cell beside the agent (quarters to the right of its heading) or its own (4) is a wall, or has no marker.
    #[inline]
    pub fn looks(&self, side: u8, wall: bool) -> bool {
        let step = (self.heading as u8).wrapping_add(side) & 3 | side & 4;
        let cell = self.agent.wrapping_add(self.steps[usize::from(step & 7)]);
        self.cells[cell] == if wall { WALL } else { 0 }
    }

    pub fn total_markers(&self) -> i32 {
        self.inside().map(|cell| i32::from(self.markers(cell))).sum()
    }

    /// Makes this world a copy of another one, without allocating if it has held one of that size.
    #[inline]
    pub fn copy_from(&mut self, other: &World) {
        self.height = other.height;
        self.width = other.width;
        self.steps = other.steps;
        self.agent = other.agent;
        self.heading = other.heading;
        self.cells.clear();
        self.cells.extend_from_slice(&other.cells);
    }

    /// What each marker on a cell adds to the hash of a world's markers, 64 bits that wrap around: a sum of computed keys
    /// changes with a cell by one product.
    #[inline]
    pub fn marker_key(cell: usize) -> u64 {
        mix((cell as u64).wrapping_add(0x9E37_79B9_7F4A_7C15))
    }

    /// Reads a map, one text a row: `#` is a wall, `.` or a space an empty cell, `1` to `9` and `A` are markers (A: 10).
    pub fn from_map(rows: &[String], agent: (usize, usize), heading: Heading) -> Result<World, Error> {
        let grid: Vec<Vec<char>> = rows.iter().map(|row| row.chars().collect()).collect();
        let (height, width) = (grid.len(), grid.first().map_or(0, Vec::len));
        let mut world = World::room(height, width)?;
        for (row, line) in grid.iter().enumerate() {
            if line.len() != width {
                return Err(Error::world(format!("row {row} of the map has {} cells, row 0 has {width}", line.len())));
            }
            for (column, &cell) in line.iter().enumerate() {
                let at = world.at(row, column);
                let markers = match cell {
                    '#' => {
                        world.build_wall(at);
                        continue;
                    }
                    '.' | ' ' => 0,
                    '1'..='9' => cell as u8 - b'0',
                    'A' => 10,
                    _ => {
                        return Err(Error::world(format!(
                            "row {row}, column {column} of the map is {cell:?}: a cell is # (wall), . (empty), 1 to 9 \
                             or A (markers, A is 10)"
                        )))
                    }
                };
                if !world.is_inside(row, column) {
                    return Err(Error::world(format!("row {row}, column {column}: the border of a map is wall (#)")));
                }
                world.set_markers(at, markers);
            }
        }
        let (row, column) = agent;
        if !world.is_inside(row, column) || world.is_wall(world.at(row, column)) {
            return Err(Error::world(format!("the agent stands in a wall or outside, at row {row}, column {column}")));
        }
        world.agent = world.at(row, column);
        world.heading = heading;
        Ok(world)
    }

    /// The map that `from_map` reads.
    pub fn map(&self) -> Vec<String> {
        let cell = |at: usize| match (self.is_wall(at), self.markers(at)) {
            (true, _) => '#',
            (_, 0) => '.',
            (_, 10) => 'A',
            (_, markers) => char::from(b'0' + markers),
        };
        (0..self.height).map(|row| (0..self.width).map(|column| cell(self.at(row, column))).collect()).collect()
    }

    /// Whether a cell next to this one is a wall.
    pub fn touches_wall(&self, cell: usize) -> bool {
        HEADINGS.iter().any(|&heading| self.is_wall(self.neighbor(cell, heading)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_survives_reading_and_printing() {
        let rows: Vec<String> = ["######", "#.1A.#", "#9.#.#", "######"].map(String::from).to_vec();
        let world = World::from_map(&rows, (1, 4), Heading::West).unwrap();
        assert_eq!(world.map(), rows);
        assert_eq!(world.total_markers(), 20);
        assert!(world.is_clear(Heading::South) && !world.is_clear(Heading::North));
    }

    #[test]
    fn a_map_that_cannot_be_is_refused() {
        let open_border: Vec<String> = ["####", "#...", "####"].map(String::from).to_vec();
        assert!(World::from_map(&open_border, (1, 1), Heading::North).unwrap_err().message.contains("border"));
        let in_wall: Vec<String> = ["####", "#.##", "####"].map(String::from).to_vec();
        assert!(World::from_map(&in_wall, (1, 2), Heading::North).unwrap_err().message.contains("agent"));
    }
}
