"""How near a guess is to the middle of a range."""

import runpy


def evaluate_stage1(path):
    guess = runpy.run_path(path)["guess"]
    return {"combined_score": float(0 <= guess(0, 64) <= 64)}


def evaluate_stage2(path):
    guess = runpy.run_path(path)["guess"]
    rest = [abs(guess(0, high) - high / 2) / high for high in (8, 32, 64)]
    return {"combined_score": 1 - sum(rest) / len(rest), "worst": max(rest), "note": "halves are best"}


def evaluate(path):
    return evaluate_stage2(path)
