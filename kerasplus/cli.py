"""The command line: `kerasplus list | show | check | demo`."""

from __future__ import annotations

import argparse
import inspect
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from kerasplus._registry import KINDS

BROKEN = 1
"""Exit code: something that was looked at is not as it should be."""
UNUSABLE = 2
"""Exit code: the command could not do what it was asked."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code: 0 done, 1 something is broken, 2 not possible.

    Args:
        arguments: The words after `kerasplus`; those of the process unless given.
    """
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except (ValueError, OSError, ImportError) as error:
        Console(stderr=True).print(f"[red]error:[/red] {error}", highlight=False, soft_wrap=True)
        return UNUSABLE
    except KeyboardInterrupt:
        return 130


def list_names(options: argparse.Namespace) -> int:
    """Shows every component of every plug-in; exit code 1 if a plug-in is broken."""
    import kerasplus

    records = list(kerasplus.names(options.kind))
    columns = ("name", "kind", "plugin", "distribution", "version", "state")
    if options.json:
        rows = [{column: getattr(record, column) for column in (*columns, "class_name")} for record in records]
        _print_json(rows)
    else:
        table = Table(*columns, box=None, header_style="bold")
        for record in records:
            table.add_row(*(str(getattr(record, column)) for column in columns))
        _console().print(table)
    return BROKEN if any(record.state.startswith("broken") for record in records) else 0


def show(options: argparse.Namespace) -> int:
    """Shows the signature and the docstring of a component, and draws a schedule."""
    from kerasplus._keras_names import component_class

    cls = component_class(options.name, options.kind)
    console = _console()
    signature = inspect.signature(cls.__init__)
    own = signature.replace(parameters=list(signature.parameters.values())[1:], return_annotation=cls.__name__)
    console.print(Syntax(f"{cls.__name__}{own}", "python", background_color="default"))
    console.print(inspect.getdoc(cls) or "It has no docstring.", markup=False, highlight=False, soft_wrap=True)
    if options.plot:
        from kerasplus.schedules import plot_by_name

        plot_by_name(options.name, options.plot)
        console.print(f"Drawn to {options.plot}")
    return 0


def check(options: argparse.Namespace) -> int:
    """Checks components against the laws of their kind."""
    from kerasplus.testing._command import run

    return run(options.targets, options.inputs, options.json)


def demo(options: argparse.Namespace) -> int:
    """Trains, saves, loads in a fresh process, and compares."""
    from kerasplus.demo import run

    return run(data=options.data, epochs=options.epochs, out=options.out, log_dir=options.log_dir)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kerasplus", description="The extension pack of Keras 3.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    listing = commands.add_parser("list", help="every name, its kind, plug-in, version and state")
    listing.add_argument("--kind", choices=KINDS, help="only this kind")
    listing.add_argument("--json", action="store_true", help="print JSON instead of a table")
    listing.set_defaults(command=list_names)

    showing = commands.add_parser("show", help="the signature and docstring of a component")
    showing.add_argument("name", help="for example custom_mse, CustomMSE or 'acme>MyLoss'")
    showing.add_argument("--kind", choices=KINDS, help="if several kinds have the name")
    showing.add_argument("--plot", metavar="FILE", type=Path, help="draw the curve of a schedule to this file")
    showing.set_defaults(command=show)

    checking = commands.add_parser("check", help="check components against the laws of their kind")
    checking.add_argument(
        "targets", metavar="TARGET", nargs="+", help="module:Class, module:instance, a name, or a plug-in"
    )
    checking.add_argument("--inputs", help="the domain of the inputs, for example one_hot or regression")
    checking.add_argument("--json", action="store_true", help="print JSON instead of a table")
    checking.set_defaults(command=check)

    running = commands.add_parser("demo", help="train on real data with everything named by strings")
    running.add_argument("--epochs", type=int, default=5, help="how often to go through the data (default 5)")
    running.add_argument(
        "--data",
        default="auto",
        help="mnist, digits (bundled with scikit-learn), a file like mnist.npz, or auto: MNIST if it can be had, "
        "else the digits",
    )
    running.add_argument("--out", type=Path, help="where to save the model (a new .keras file)")
    running.add_argument("--log-dir", type=Path, help="where to write the TensorBoard logs")
    running.set_defaults(command=demo)
    return parser


def _console() -> Console:
    """A console that does not cut a table short when its output goes to a file or a pipe."""
    return Console() if sys.stdout.isatty() else Console(width=160)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
