"""Definitions, call sites, imports and base classes of Python files by the language's own parser, as JSON: python3 python-syntax.py <root> <file>..."""
import ast
import json
import sys

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class File(ast.NodeVisitor):
    def __init__(self, path, text):
        self.path = path
        self.lines = text.split("\n")
        self.definitions = []
        self.sites = []
        self.bases = []
        self.imports = []
        self.around = [-1]
        self.in_function = 0
        tree = ast.parse(text)
        # a name that is imported too is an import where that succeeds
        self.imported = {alias.asname or alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom)) for alias in node.names}
        self.visit(tree)

    def column(self, line, utf8):
        """Columns in UTF-16 units, as the language server counts them."""
        return len(self.lines[line - 1].encode()[:utf8].decode().encode("utf-16-le")) // 2

    def define(self, kind, name, line, start, optional):
        parent = self.around[-1]
        opt = optional or self.in_function > 0 or (parent >= 0 and self.definitions[parent].get("opt", False))
        self.definitions.append({"kind": kind, "name": name, "line": line, "start": start, "parent": parent, "opt": opt})
        return len(self.definitions) - 1

    def definition(self, node, kind):
        start = min([node.lineno] + [decorator.lineno for decorator in node.decorator_list])
        for decorator in node.decorator_list:
            if not isinstance(decorator, ast.Call):
                self.site(decorator, "decorator", decorator)
            self.visit(decorator)
        index = self.define(kind, node.name, node.lineno, start, False)
        names = {getattr(each, "attr", getattr(each, "id", None)) for each in node.decorator_list}
        if names & {"overload", "property", "setter", "getter", "deleter"}:
            self.definitions[index]["overload"] = True
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                self.bases.append({"definition": index, **self.place(base)})
                self.visit(base)
            for keyword in node.keywords:
                self.visit(keyword)
        else:
            for default in node.args.defaults + [each for each in node.args.kw_defaults if each is not None]:
                self.visit(default)
        self.around.append(index)
        self.in_function += isinstance(node, FUNCTIONS)
        for child in node.body:
            self.visit(child)
        self.in_function -= isinstance(node, FUNCTIONS)
        self.around.pop()

    def visit_FunctionDef(self, node):
        in_class = self.around[-1] >= 0 and self.definitions[self.around[-1]]["kind"] == "class"
        self.definition(node, "method" if in_class else "function")

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        self.definition(node, "class")

    def assigned(self, target):
        if isinstance(target, (ast.Tuple, ast.List)):
            for each in target.elts:
                self.assigned(each)
        elif isinstance(target, ast.Starred):
            self.assigned(target.value)
        elif isinstance(target, ast.Name):
            if not any(each["name"] == target.id and each["parent"] == self.around[-1] for each in self.definitions):
                self.define("variable", target.id, target.lineno, target.lineno, self.around[-1] >= 0 or target.id in self.imported)
        elif isinstance(target, ast.Attribute):
            self.define("field", target.attr, target.lineno, target.lineno, True)

    def visit_Assign(self, node):
        for target in node.targets:
            self.assigned(target)
        self.generic_visit(node)

    def visit_AnnAssign(self, node):
        self.assigned(node.target)
        if node.value is not None:
            self.visit(node.value)

    def visit_For(self, node):
        self.assigned(node.target)
        self.generic_visit(node)

    visit_AsyncFor = visit_For

    def visit_With(self, node):
        for item in node.items:
            if item.optional_vars is not None:
                self.assigned(item.optional_vars)
        self.generic_visit(node)

    visit_AsyncWith = visit_With

    def place(self, callee):
        while isinstance(callee, ast.Subscript):
            callee = callee.value
        if isinstance(callee, ast.Name):
            return {"name": callee.id, "line": callee.lineno, "column": self.column(callee.lineno, callee.col_offset)}
        if isinstance(callee, ast.Attribute):
            column = self.column(callee.end_lineno, callee.end_col_offset)
            return {"name": callee.attr, "line": callee.end_lineno, "column": column - len(callee.attr)}
        inner = {"inner": self.place(callee.func)} if isinstance(callee, ast.Call) else {}
        return {"name": None, "line": callee.lineno, "column": self.column(callee.lineno, callee.col_offset), **inner}

    def site(self, node, via, callee):
        self.sites.append({"around": self.around[1:], "via": via, **self.place(callee)})

    def visit_Call(self, node):
        self.site(node, "call", node.func)
        self.generic_visit(node)

    def visit_Import(self, node):
        for alias in node.names:
            self.imports.append({"module": alias.name, "level": 0, "names": []})

    def visit_ImportFrom(self, node):
        self.imports.append({"module": node.module or "", "level": node.level, "names": [alias.name for alias in node.names]})


root, *paths = sys.argv[1:]
out = {}
for path in paths:
    with open(f"{root}/{path}", encoding="utf-8") as source:
        file = File(path, source.read())
    out[path] = {"definitions": file.definitions, "sites": file.sites, "bases": file.bases, "imports": file.imports}
json.dump(out, sys.stdout)
