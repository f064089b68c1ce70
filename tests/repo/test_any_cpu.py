"""`make any-cpu` finds levels and kernels, and turns red where one processor differs."""

import sys

import pytest

from tools import any_cpu
from tools.any_cpu import Processor

X86 = {
    "machine": "x86_64",
    "dispatch": ["X86_V3", "X86_V4", "AVX512_ICL", "AVX512_SPR"],
    "features": ["SSE3", "X86_V2", "AVX2", "X86_V3", "AVX512_SKX", "X86_V4", "AVX512_ICL"],
    "blas": ["SkylakeX", "SkylakeX"],
}
ARM = {
    "machine": "aarch64",
    "dispatch": ["ASIMDHP", "ASIMDFHM", "SVE"],
    "features": ["NEON", "ASIMD", "ASIMDHP", "ASIMDFHM"],
    "blas": ["neoversen1"],
}
MAC = {"machine": "arm64", "dispatch": ["ASIMDHP"], "features": ["NEON", "ASIMDHP"], "blas": []}
OLD = {"machine": "AMD64", "dispatch": ["X86_V3"], "features": ["SSE3"], "blas": ["Prescott"]}


@pytest.mark.parametrize(
    "facts, without, kernels",
    [
        (
            X86,
            ["AVX512_ICL", "X86_V4 AVX512_ICL", "X86_V3 X86_V4 AVX512_ICL"],
            ["SkylakeX", "Haswell", "Prescott"],
        ),
        (ARM, ["ASIMDFHM", "ASIMDHP ASIMDFHM"], ["NEOVERSEN1", "CORTEXA57", "ARMV8"]),
        # Apple's own library computes there, and cannot be told.
        (MAC, ["ASIMDHP"], []),
        (OLD, [], ["Prescott"]),
    ],
)
def test_processors_are_found_from_what_numpy_says(facts, without, kernels):
    found = any_cpu.processors(facts)
    last = Processor(without[-1] if without else "", kernels[-1] if kernels else "")
    assert found[-1] == last
    expected = [Processor(names) for names in without] + [Processor("", k) for k in kernels]
    assert found == [p for p in expected if p != last] + [last]


def test_a_processor_is_asked_for_by_its_own_variables_alone():
    inherited = {"NPY_DISABLE_CPU_FEATURES": "X86_V4", "OPENBLAS_CORETYPE": "Zen", "HOME": "/h"}
    assert Processor().variables(inherited) == {"HOME": "/h"}
    assert Processor("SVE", "ARMV8").variables(inherited) == {
        "NPY_DISABLE_CPU_FEATURES": "SVE",
        "OPENBLAS_CORETYPE": "ARMV8",
        "HOME": "/h",
    }


def test_what_is_asked_for_is_in_use_here():
    for processor in any_cpu.processors(any_cpu.ask(Processor())):
        assert any_cpu.pretence(processor, any_cpu.ask(processor)) == ""


def test_another_kernel_or_level_than_asked_for_is_seen():
    assert "still uses X86_V4" in any_cpu.pretence(Processor("X86_V4 AVX512_SPR"), X86)
    mixed = {**X86, "blas": ["Haswell", "SkylakeX"]}
    assert any_cpu.pretence(Processor(kernel="Haswell"), mixed) == "OpenBLAS computes for SkylakeX"
    assert any_cpu.pretence(Processor(kernel="HASWELL"), {**X86, "blas": ["Haswell"]}) == ""


@pytest.mark.slow
def test_a_test_that_fails_on_one_processor_alone_is_seen():
    chosen = any_cpu.processors(any_cpu.ask(Processor()))
    variable = any_cpu.BLAS if chosen[-1].kernel else any_cpu.NUMPY
    value = chosen[-1].kernel or chosen[-1].without
    differs = f"import os, sys; sys.exit(os.environ.get({variable!r}) == {value!r})"
    seen = [f"{p}: exit status 1" for p in chosen if value in (p.kernel, p.without)]
    assert any_cpu.failures(chosen, [sys.executable, "-c", differs]) == seen
    assert seen
    assert any_cpu.failures(chosen, [sys.executable, "-c", "pass"]) == []


def test_the_parts_tests_exist():
    assert all((any_cpu.ROOT / path).is_file() for path in any_cpu.PART)
