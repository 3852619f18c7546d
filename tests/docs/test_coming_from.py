"""The pages for users of other systems: what they say is here is here, and what those users know is on the page."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest

import psynth
from psynth.cli import dispatch
from psynth.cli.table import TABLE
from psynth.core.errors import UsageError
from psynth.plugins.registry import default_registry
from tests.docs.examples import ROOT

FOLDER = ROOT / "docs" / "coming-from"
PAGES = sorted(path.stem for path in FOLDER.glob("*.md") if path.stem != "README")
SUBJECTS = {"tasks": "domain", "import": "format", "export": "format"}
KNOWN = {
    "stitch": """
        --iterations --max-arity --threads tasks weights name_mapping --abstraction-prefix --previous-abstractions
        --cost-app --cost-lam --cost-var --cost-ivar --cost-prim-default --cost-prim --structure-penalty
        --no-other-util --allow-single-task --no-curried-metavars --no-curried-bodies --eta-long --fused-lambda-tags
        --symvar-prefix --tdfa-json-path --tdfa-root --tdfa-split --valid-metavars --valid-roots --inv-candidates
        --hole-choice --no-opt --inv-arg-cap --follow --follow-types --follow-prune --rewrite-check
        --utility-by-rewrite --no-mismatch-check --shuffle --truncate --rewritten-intermediates --rewritten-dreamcoder
        --dreamcoder-comparison --silent --quiet --verbose-best --verbose-worklist --verbose-rewrite --print-stats
        --no-stats --batch --dynamic-batch --fmt from_dreamcoder stitch_to_dreamcoder dreamcoder_to_stitch
        StitchException CompressionResult
    """,
    "lilo": """
        --experiment_name --experiment_type --domain --iterations --global_batch_sizes --global_batch_size_all
        --task_batcher --enumeration_timeout --recognition_train_steps --encoder --stitch_params --gpt_params
        --use_cached --debug --verbose --body_task_selection --random_seeds --init_iteration
        --init_frontiers_from_checkpoint --init_frontiers_every_iteration --init_grammar_from_checkpoint
        --resume_checkpoint_directory --resume_strategy --no_likelihoods --overwrite_dir --no_s3_sync
        run_iterative_experiment.py run_experiment.py run_library_evaluation.py precompute_embeddings.py
        evaluate_compression_model_scoring.py frontiers.json laps_grammar.json gpt_solver_results.json
        stitch_compress_input.json stitch_compress_output.json gpt_library_namer_results.json metrics.json
        test_likelihoods.json config.json run_args.txt run.log best_search_time solver helmholtz compression
        --structurePenalty --aic --topK --maximumFrontier
    """,
    "codeit": """
        download-data.sh preprocess_tasks.py run_mutate.py evaluate_mutations.py run_codeit.py results.ipynb
        performance.csv mutation_performance.csv split_keys.json last.ckpt.dir tensorboard/ n_samples depth_one
        phi_program phi_var phi_func phi_arg sig_alarm max_state_size parallel n_processes run_mutated resume
        save_search_tasks save_train_tasks save_chunk log_chunk max_chunk capacity reduce_percentage
        performance_penalty length_penalty distance_penalty length_normalizer age_normalizer num_policy_experiences
        num_mutated_experiences max_mutated_train_tasks n_iters n_policy_samples temperature max_length
        batch_size_sample allowed_tokens n_examples input_state_max sparse max_epochs accumulate 16-mixed
        random_weights valid_grid_function concept_arc final_experiments A1 A2 A3 A4 A5 A6 TaskEvolver ReplayBuffer
        Agent profile seed
    """,
    "leaps": """
        data.hdf5 id.txt CEM.py population_size elitism_rate sigma final_sigma use_exp_sig_decay reduction init_type
        exponential_reward max_number_of_epochs --num_demo_per_program --max_demo_generation_trial --min_demo_length
        --max_demo_length --max_program_length --wall_prob --cover_all_branches_in_demos --learning_rate --batch_size
        --epochs LEAPSP LEAPSPR LEAPSPL --env_task ExecEnv2 mapping_karel2prl.txt VIPER CEBS HPRL
    """,
    "openelm": """
        sodarace image_evolution function_optim p3_problem p3_probsol prompt_evolution qdaif string_evolution
        MAPElites CVTMAPElites map_grid_size n_niches cvt_samples history_length GeneticAlgorithm Pool crossover
        crossover_parents init_steps total_steps batch_size save_snapshot_interval log_snapshot_dir save_history atol
        seed PromptModel DiffModel temp top_p gen_max_len model_path /gen_racer /eval_p3_solution timeout
        maximum_memory_bytes unsafe_execute_error_code maps.pkl fitness_history.pkl qd_score niches_filled GridArchive
        CVTArchive SlidingBoundariesArchive GaussianEmitter EvolutionStrategyEmitter BanditScheduler qd_score_offset
    """,
}
"""What users of each system know it by: options, files, classes and measures."""


def text(page: str) -> str:
    return (FOLDER / f"{page}.md").read_text()


def cells(page: str) -> Iterator[tuple[str, str]]:
    """Both cells of each row of each table."""
    for line in text(page).splitlines():
        if line.startswith("| ") and not line.startswith("|---"):
            left, right = re.split(r"(?<!\\) \| ", line.strip("| "), maxsplit=1)
            if right != "here":
                yield left, right


def commands(page: str) -> list[str]:
    """The commands between backquotes, each once."""
    return list(dict.fromkeys(re.findall(r"`(psynth [^`]+)`", re.sub(r"\s+", " ", text(page)))))


def fault(command: str) -> str | None:
    """What is wrong with a command's name, method, subject, options or choices; None if nothing is."""
    name, *words = shlex.split(command)[1:]
    if name not in TABLE:
        return f"there is no psynth {name}"
    if name in SUBJECTS and words and words[0] not in default_registry().offers(SUBJECTS[name]):
        return f"there is no {SUBJECTS[name]} {words[0]}"
    try:
        found = dispatch.subcommand(name, words).to_json()
    except UsageError as error:
        return str(error)
    options = {flag: option for option in found["options"] for flag in option["flags"]}
    options |= {f"--no-{flag[2:]}": option for flag, option in options.items() if option["type"] == "bool"}
    for place, word in enumerate(words):
        if not word.startswith("-"):
            continue
        if word not in options:
            return f"psynth {name} has no option {word}"
        value = words[place + 1] if place + 1 < len(words) else "-"
        choices = options[word].get("choices")
        if choices and not value.startswith("-") and value not in choices:
            return f"{word} has no choice {value}"
    return None


def test_every_page_has_an_entry_and_many_commands() -> None:
    entries = re.findall(r"\]\((\w+)\.md\)", (FOLDER / "README.md").read_text())
    assert sorted(entries) == PAGES == sorted(KNOWN)
    assert all(len(commands(page)) >= 20 for page in PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_options_exist(page: str) -> None:
    assert {command: fault(command) for command in commands(page) if fault(command)} == {}


@pytest.mark.parametrize("page", PAGES)
def test_what_users_know_is_on_the_page(page: str) -> None:
    left = " ".join(their for their, _ in cells(page))
    assert [word for word in KNOWN[page].split() if word not in left] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_row_says_something(page: str) -> None:
    rows = list(cells(page))
    assert len(rows) >= 30
    assert [their for their, here in rows if not here.strip(" |")] == []


@pytest.mark.parametrize("page", PAGES)
def test_settings_of_scripts_are_theirs(page: str) -> None:
    for _, here in cells(page):
        for script in re.findall(r"examples/\w+\.\w+", here):
            source = (ROOT / script).read_text()
            for name in re.findall(r"`([A-Z][A-Z0-9_]+)(?:=1 [^`]*)?`", here):
                assert re.search(rf"\b{name}\b", source), f"{script} has no {name}"


def test_names_of_the_interface_exist() -> None:
    names = {name for page in PAGES for name in re.findall(r"`psynth\.(\w+)", text(page))}
    assert names
    assert [name for name in names if not hasattr(psynth, name)] == []


@pytest.mark.parametrize(
    "command",
    [
        "psynth compres",
        "psynth import stich",
        "psynth search --method cme",
        "psynth compress --max-arty",
        "psynth elites --method archive --layout gird",
        "psynth sample --method grammar --top-p",
    ],
)
def test_faults_are_found(command: str) -> None:
    assert fault(command) is not None
