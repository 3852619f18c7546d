"""A solution for each family of generated puzzles, as a program; the package itself has none to be imported."""

SOLUTIONS = {
    "digits": """
def sol(digits, total):
    found = [1] + [0] * (digits - 1)
    left = total - 1
    for place in reversed(range(digits)):
        more = min(left, 9 - found[place])
        found[place] += more
        left -= more
    return int("".join(map(str, found)))
""",
    "subset": """
def sol(numbers, total):
    sums = {0: []}
    for place, number in enumerate(numbers):
        sums = {**{each + number: [*places, place] for each, places in sums.items()}, **sums}
    return sums[total]
""",
    "rotation": """
def sol(wanted, shift):
    return wanted[-shift:] + wanted[:-shift]
""",
    "derangement": """
def sol(text):
    order = sorted(range(len(text)), key=text.__getitem__)
    half = len(text) // 2
    moved = [""] * len(text)
    for place, source in enumerate(order):
        moved[source] = text[order[(place + half) % len(text)]]
    return "".join(moved)
""",
    "combination": """
def sol(a, b, total, most):
    return next([p, (total - a * p) // b] for p in range(1, most + 1)
                if (total - a * p) % b == 0 and 1 <= (total - a * p) // b <= most)
""",
    "walk": """
def sol(edges, start, end):
    paths = [[start]]
    for path in paths:
        if path[-1] == end:
            return path
        paths += [[*path, two] for one, two in edges if one == path[-1] and two not in path]
""",
    "brackets": """
def sol(length, deepest):
    return "()" * (length // 2 - deepest) + "(" * deepest + ")" * deepest
""",
    "change": """
def sol(coins, amount, most):
    ways = {0: []}
    for total in range(1, amount + 1):
        ways_here = [[*ways[total - coin], coin] for coin in coins if total - coin in ways]
        if ways_here:
            ways[total] = min(ways_here, key=len)
    return ways[amount]
""",
    "table": """
def sol(rows, columns):
    table = [[0] * len(columns) for _ in rows]
    for y in range(len(rows)):
        for x in range(len(columns)):
            table[y][x] = min(rows[y] - sum(table[y]), columns[x] - sum(row[x] for row in table))
    return table
""",
    "root": """
def sol(a, b):
    low, high = -100.0, 100.0
    for _ in range(200):
        middle = (low + high) / 2
        if middle**3 + a * middle + b < 0:
            low = middle
        else:
            high = middle
    return low
""",
}
