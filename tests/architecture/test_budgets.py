import ast
import io
import tokenize

from tests.architecture.source import ROOT, module_name, relative, source_files, tree

FILE_LINES = 400
SPECIAL_FILES = {"config/settings.py": 300, "annotations/locking.py": 100}
FUNCTION_CODE_LINES = 40
PARAMETERS = 6
CLASS_LINES = 150
MODEL_LINES = 45
FORBIDDEN_NAMES = {"utils", "common", "helpers", "core"}
# The worker's own hook; architecture §5 names it as the only one.
HOOKS_ALLOWED = {"config/celery.py"}


def code_lines(path):
    """Line numbers that hold code: neither blank, nor comment, nor docstring."""
    numbers = set()
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
        if token.type not in silent:
            numbers.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            numbers -= set(range(node.lineno, node.end_lineno + 1))
    return numbers


def functions(path):
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def parameters(node):
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return [name for name in names if name not in {"self", "cls"}]


def place(path, node):
    return f"{relative(path)}:{node.lineno} {getattr(node, 'name', '')}".strip()


def test_files_stay_small():
    sizes = {relative(path): len(path.read_text().splitlines()) for path in source_files()}
    large = {name: size for name, size in sizes.items() if size > SPECIAL_FILES.get(name, FILE_LINES)}
    assert not large, f"split by noun: {large}"


def test_functions_stay_small():
    large = {}
    for path in source_files():
        code = code_lines(path)
        for node in functions(path):
            size = len(code & set(range(node.lineno, node.end_lineno + 1)))
            if size > FUNCTION_CODE_LINES:
                large[place(path, node)] = size
    assert not large, f"code lines: {large}"


def test_functions_take_few_parameters():
    nodes = [(path, node) for path in source_files() for node in functions(path)]
    greedy = {place(path, node): parameters(node) for path, node in nodes if len(parameters(node)) > PARAMETERS}
    assert not greedy, greedy


def test_classes_stay_small():
    large = {}
    for path in source_files():
        limit = MODEL_LINES if path.name == "models.py" else CLASS_LINES
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef) and node.end_lineno - node.lineno + 1 > limit:
                large[place(path, node)] = node.end_lineno - node.lineno + 1
    assert not large, large


def test_imports_stand_at_the_top():
    inner = [
        place(path, child)
        for path in source_files()
        for node in functions(path)
        for child in ast.walk(node)
        if isinstance(child, ast.Import | ast.ImportFrom)
    ]
    assert not inner, inner


def test_no_receiver_and_no_save_override():
    for path in source_files():
        if path.name == "models.py":
            names = {node.name for node in functions(path)}
            assert not names & {"save", "delete"}, f"{relative(path)} overrides save or delete: a verb writes"
        if relative(path) not in HOOKS_ALLOWED:
            heard = [
                word for word in ("django.dispatch", "models.signals", "celery.signals") if word in path.read_text()
            ]
            assert not heard, f"{relative(path)} listens to {heard}: mark a row due instead"


def test_no_assert_print_or_vague_name():
    vague = [relative(path) for path in source_files() if path.stem in FORBIDDEN_NAMES]
    assert not vague, f"name it after what it does: {vague}"
    nodes = [(path, node) for path in source_files() for node in ast.walk(tree(path))]
    asserts = [place(path, node) for path, node in nodes if isinstance(node, ast.Assert)]
    assert not asserts, f"raise a named exception: {asserts}"
    prints = [place(path, node) for path, node in nodes if isinstance(node, ast.Name) and node.id == "print"]
    assert not prints, prints


def test_only_the_tasks_entry_catches_everything():
    broad = [
        f"{relative(path)}:{node.lineno}"
        for path in source_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]
    assert [place.partition(":")[0] for place in broad] == ["annotations/due.py"], broad


def test_tasks_are_declared_in_tasks_files_only():
    guilty = [relative(path) for path in source_files() if path.stem != "tasks" and "shared_task" in path.read_text()]
    assert not guilty, f"a task belongs in tasks.py: {guilty}"


def test_every_module_is_found():
    # The suite is only as good as its list of files.
    names = {module_name(path) for path in source_files()}
    assert {"config.settings", "annotations.due", "annotations.registry", "qc.registry"} <= names
    assert (ROOT / "manage.py").exists()
