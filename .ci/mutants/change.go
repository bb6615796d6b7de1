package main

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A mutant is one small change of the code.
type mutant struct {
	at   token.Position
	what string // such as "<= for <"
}

// A source is a package with all its mutants in it, each of them off until MUTANT names it.
type source struct {
	name, directory string
	mutants         []mutant          // number 1 is the first
	files           map[string]string // changed, by path
	databases       bool              // whether its tests use them
	fset            *token.FileSet
	info            *types.Info
	pkg             *types.Package
	constant        types.Type       // of the constant that is being changed: its parts have none of their own
	content         []byte           // of the file at hand
	bodies          []*ast.BlockStmt // of its functions
}

//go:embed runtime.go.txt
var runtime string

// read reads the package and puts the mutants in.
func read(path string) (*source, error) {
	listed, exports, err := list(path)
	if err != nil {
		return nil, err
	}
	s := &source{directory: listed.Dir, name: listed.Name, files: map[string]string{}, fset: token.NewFileSet()}
	s.databases = slices.ContainsFunc(append(listed.TestImports, listed.XTestImports...), func(path string) bool {
		return strings.HasSuffix(path, "/databasetest")
	})
	var files []*ast.File
	for _, name := range listed.GoFiles {
		file, err := parser.ParseFile(s.fset, filepath.Join(s.directory, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	s.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	config := types.Config{Importer: importer.ForCompiler(s.fset, "gc", lookup)}
	if s.pkg, err = config.Check(listed.ImportPath, s.fset, files, s.info); err != nil {
		return nil, err
	}
	for i, name := range listed.GoFiles {
		if ast.IsGenerated(files[i]) {
			continue
		}
		path := filepath.Join(s.directory, name)
		if s.content, err = os.ReadFile(path); err != nil {
			return nil, err
		}
		s.bodies = nil
		ast.Inspect(files[i], func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				s.bodies = append(s.bodies, n.Body)
			case *ast.FuncLit:
				s.bodies = append(s.bodies, n.Body)
			}
			return true
		})
		s.files[path] = string(s.content[:s.offset(files[i].Name.End())]) + s.changed(files[i].Name.End(), files[i])
	}
	s.files[filepath.Join(s.directory, "mutants_on.go")] = strings.Replace(runtime, "PACKAGE", s.name, 1)
	return s, nil
}

type listedPackage struct {
	ImportPath, Name, Dir, Export      string
	GoFiles, TestImports, XTestImports []string
	DepOnly                            bool
}

// list returns the package and where the compiled others are.
func list(path string) (listed listedPackage, exports map[string]string, err error) {
	command := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Name,Dir,Export,GoFiles,TestImports,XTestImports,DepOnly", path)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return listed, nil, err
	}
	exports = map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listedPackage
		if err := d.Decode(&p); err == io.EOF {
			return listed, exports, nil
		} else if err != nil {
			return listed, nil, err
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly {
			listed = p
		}
	}
}

func (s *source) offset(p token.Pos) int { return s.fset.Position(p).Offset }

// changed is the text from there to the end of n with its mutants in it.
func (s *source) changed(from token.Pos, n ast.Node) string {
	var text strings.Builder
	end := n.End()
	if file, ok := n.(*ast.File); ok {
		end = file.FileEnd
	}
	ast.Inspect(n, func(inner ast.Node) bool {
		switch inner := inner.(type) {
		case *ast.GenDecl:
			if inner.Tok == token.CONST {
				return false
			}
		case *ast.ArrayType:
			return false
		case *ast.BinaryExpr:
			if inner.Op == token.SHL && s.info.Types[inner].Value != nil {
				return false // a constant of what type, it does not tell
			}
		}
		if inner == nil {
			return true
		}
		// n itself is looked at only by those that do not come from replaced.
		replaced, ok := "", false
		if inner != n {
			replaced, ok = s.replaced(inner)
		}
		if ok {
			text.Write(s.content[s.offset(from):s.offset(inner.Pos())])
			text.WriteString(replaced)
			from = inner.End()
		}
		return !ok
	})
	text.Write(s.content[s.offset(from):s.offset(end)])
	return text.String()
}

// whole is the text of an expression with its mutants in it.
func (s *source) whole(e ast.Expr) string {
	if replaced, ok := s.replaced(e); ok {
		return replaced
	}
	return s.changed(e.Pos(), e)
}

var tokens = map[token.Token]struct {
	name string
	what []string
}{
	token.EQL: {"EQL", []string{"!= for =="}}, token.NEQ: {"NEQ", []string{"== for !="}},
	token.LSS: {"LSS", []string{"<= for <", ">= for <"}}, token.LEQ: {"LEQ", []string{"< for <=", "> for <="}},
	token.GTR: {"GTR", []string{">= for >", "<= for >"}}, token.GEQ: {"GEQ", []string{"> for >=", "< for >="}},
	token.ADD: {"ADD", []string{"- for +"}}, token.SUB: {"SUB", []string{"+ for -"}}, token.MUL: {"MUL", []string{"/ for *"}},
	token.QUO: {"QUO", []string{"* for /"}}, token.REM: {"REM", []string{"* for %"}},
	token.INC: {"INC", []string{"-- for ++"}}, token.DEC: {"DEC", []string{"++ for --"}},
}

// add numbers the mutants at a place and returns the first number.
func (s *source) add(at token.Pos, what ...string) int {
	first := len(s.mutants) + 1
	for _, w := range what {
		s.mutants = append(s.mutants, mutant{s.fset.Position(at), w})
	}
	return first
}

// runs reports whether n is in a function. What is outside runs once, before the tests.
func (s *source) runs(n ast.Node) bool {
	return slices.ContainsFunc(s.bodies, func(b *ast.BlockStmt) bool { return b != nil && b.Pos() <= n.Pos() && n.End() <= b.End() })
}

// replaced is the text in place of n, if n has mutants of its own.
func (s *source) replaced(n ast.Node) (string, bool) {
	if !s.runs(n) {
		return "", false
	}
	if e, ok := n.(ast.Expr); ok && s.constant == nil && s.info.Types[e].Value != nil {
		s.constant = s.info.TypeOf(e)
		defer func() { s.constant = nil }()
	}
	switch n := n.(type) {
	case *ast.IncDecStmt:
		t := tokens[n.Tok]
		x := s.whole(n.X)
		return fmt.Sprintf("%s += mutant%s(%d, %s)", x, t.name, s.add(n.TokPos, t.what...), x), true
	case *ast.UnaryExpr:
		if n.Op != token.SUB {
			return "", false
		}
		return fmt.Sprintf("mutantNEG%s(%d, %s)", s.typeOf(n, n.X), s.add(n.OpPos, "+ for -"), s.whole(n.X)), true
	case *ast.BinaryExpr:
		t, ok := tokens[n.Op]
		if basic, isBasic := s.info.TypeOf(n.X).Underlying().(*types.Basic); !ok ||
			n.Op == token.ADD && isBasic && basic.Info()&types.IsString != 0 {
			return "", false
		}
		first := s.add(n.OpPos, t.what...)
		x, y := s.whole(n.X), s.whole(n.Y)
		if n.Op == token.EQL || n.Op == token.NEQ {
			return fmt.Sprintf("((%s %s %s) != mutant(%d))", x, n.Op, y, first), true
		}
		return fmt.Sprintf("mutant%s%s(%d, %s, %s)", t.name, s.typeOf(n, n.X, n.Y), first, x, y), true
	}
	return "", false
}

// typeOf is the type of the operands where it could not be inferred from them: constants without a type.
func (s *source) typeOf(n ast.Expr, operands ...ast.Expr) string {
	for _, o := range operands {
		if s.info.Types[o].Value == nil {
			return ""
		}
	}
	t := cmp.Or(s.constant, s.info.TypeOf(n))
	if basic, ok := t.Underlying().(*types.Basic); ok && basic.Info()&types.IsBoolean != 0 {
		t = s.info.TypeOf(operands[0])
	}
	return "[" + types.TypeString(types.Default(t), func(p *types.Package) string {
		if p == s.pkg {
			return ""
		}
		return p.Name()
	}) + "]"
}
