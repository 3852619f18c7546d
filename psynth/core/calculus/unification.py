"""Most general unification of types, as a substitution that can be undone."""

from collections.abc import Sequence

from psynth.core.calculus.types import (
    Type,
    TypeConstructor,
    TypeVariable,
    canonical_all,
    describe_type,
    replace_variables,
    shift_variables,
)
from psynth.core.errors import PsynthError


class UnificationError(PsynthError):
    """Two types that do not unify; the message names the parts that clash."""

    exit_code = 3


class Unifier:
    """A growing substitution over type variables.

    ``first`` is the first index that ``fresh`` and ``instantiate`` may use. A failed ``unify`` changes nothing, and
    ``undo(mark)`` removes the bindings made since ``mark``.
    """

    __slots__ = ("_bindings", "_trail", "next_variable")

    def __init__(self, first: int = 0) -> None:
        self.next_variable = first
        self._bindings: dict[int, Type] = {}
        self._trail: list[int] = []

    def fresh(self) -> TypeVariable:
        """A fresh variable."""
        self.next_variable += 1
        return TypeVariable(self.next_variable - 1)

    def instantiate(self, kind: Type) -> Type:
        """A copy of a polymorphic type with fresh variables."""
        if not kind.bound:
            return kind
        first = self.next_variable
        self.next_variable += kind.bound
        return shift_variables(kind, first)

    def instantiate_all(self, kinds: Sequence[Type]) -> Sequence[Type]:
        """Copies of types that share variables, with fresh variables that the copies share."""
        bound = max([kind.bound for kind in kinds], default=0)
        if not bound:
            return kinds
        first = self.next_variable
        self.next_variable += bound
        return [shift_variables(kind, first) for kind in kinds]

    def resolve(self, kind: Type) -> Type:
        """``kind`` with its head resolved: an unbound variable or a constructor."""
        while isinstance(kind, TypeVariable):
            target = self._bindings.get(kind.index)
            if target is None:
                return kind
            kind = target
        return kind

    def apply(self, kind: Type) -> Type:
        """``kind`` with every bound variable replaced."""
        return replace_variables(kind, self._bindings, chase=True) if kind.bound and self._bindings else kind

    def apply_all(self, kinds: tuple[Type, ...]) -> tuple[Type, ...]:
        """``kinds`` with every bound variable replaced."""
        for kind in kinds:
            if kind.bound:
                return tuple([self.apply(each) if each.bound else each for each in kinds])
        return kinds

    def mark(self) -> int:
        """A point to which ``undo`` can return."""
        return len(self._trail)

    def undo(self, mark: int) -> None:
        """Remove the bindings made since ``mark``."""
        while len(self._trail) > mark:
            del self._bindings[self._trail.pop()]

    def unify(self, left: Type, right: Type) -> None:
        """Unify two types; raises ``UnificationError``, without any change, if they do not unify."""
        clash = self._solve(left, right)
        if clash is not None:
            one, other, inner, outer = canonical_all(self.apply(kind) for kind in (left, right, *clash))
            message = f"{describe_type(one)} is not {describe_type(other)}"
            if isinstance(inner, TypeVariable):
                message += f": {inner} would have to contain itself, as {describe_type(outer)}"
            elif (one, other) not in ((inner, outer), (outer, inner)):
                message += f": {describe_type(inner)} is not {describe_type(outer)}"
            raise UnificationError(message)

    def try_unify(self, left: Type, right: Type) -> bool:
        """Unify two types and return whether that succeeded."""
        return self._solve(left, right) is None

    def _solve(self, left: Type, right: Type) -> tuple[Type, Type] | None:
        """Unify; on failure, undo and return the two parts that clash."""
        mark = len(self._trail)
        bindings = self._bindings
        stack = [(left, right)]
        equated: set[tuple[Type, Type]] = set()
        while stack:
            one, other = stack.pop()
            one, other = self.resolve(one), self.resolve(other)
            if one is other:
                continue
            if isinstance(one, TypeVariable):
                # The newer of two variables is bound, so that chains of variables stay short.
                if isinstance(other, TypeVariable) and other.index > one.index:
                    one, other = other, one
            elif isinstance(other, TypeVariable):
                one, other = other, one
            else:
                assert isinstance(one, TypeConstructor)
                assert isinstance(other, TypeConstructor)
                if one.name != other.name or len(one.arguments) != len(other.arguments):
                    self.undo(mark)
                    return one, other
                # Shared parts of large types are compared once, not once for each path to them.
                if (one, other) not in equated:
                    equated.add((one, other))
                    stack += reversed(list(zip(one.arguments, other.arguments, strict=True)))
                continue
            assert isinstance(one, TypeVariable)
            if other.bound and self._occurs(one, other):
                self.undo(mark)
                return one, other
            bindings[one.index] = other
            self._trail.append(one.index)
        return None

    def _occurs(self, variable: TypeVariable, kind: Type) -> bool:
        if isinstance(kind, TypeVariable):
            return False  # both are unbound and differ
        seen: set[Type] = set()
        stack = [kind]
        while stack:
            node = self.resolve(stack.pop())
            if node is variable:
                return True
            if isinstance(node, TypeConstructor) and node.bound and node not in seen:
                seen.add(node)
                stack += node.arguments
        return False
