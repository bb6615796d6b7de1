package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestSecurityNotes holds that docs/security.md has a line for every requirement, and that every test it names exists.
func TestSecurityNotes(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(root, "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]bool{}
	exists := testsOf(t)
	row := regexp.MustCompile(`(?m)^\| ([A-Z]\d[^|]*) \| ([^|]*) \|`)
	for _, cells := range row.FindAllStringSubmatch(string(content), -1) {
		for _, id := range idsOf(cells[1]) {
			held[id] = strings.TrimSpace(cells[2]) != ""
		}
	}
	for letter, last := range map[string]int{"S": 16, "L": 18, "H": 6, "R": 18, "T": 20, "P": 10} {
		for n := 1; n <= last; n++ {
			if id := letter + strconv.Itoa(n); !held[id] {
				t.Errorf("%s has no line", id)
			}
		}
	}
	named := regexp.MustCompile("`((?:Test|Fuzz|Benchmark)\\w*)(…?)`").FindAllStringSubmatch(string(content), -1)
	if len(named) < 100 {
		t.Errorf("only %d tests are named", len(named))
	}
	for _, name := range named {
		known := slices.Contains(exists, name[1])
		if name[2] != "" {
			known = slices.ContainsFunc(exists, func(e string) bool { return strings.HasPrefix(e, name[1]) })
		}
		if !known {
			t.Errorf("there is no %s", name[1]+name[2])
		}
	}
}

// idsOf are the requirements that a line is about: "R1, R2", "R9 to R11".
func idsOf(cell string) []string {
	ids := regexp.MustCompile(`[A-Z]\d+`).FindAllString(cell, -1)
	if !strings.Contains(cell, " to ") || len(ids) != 2 {
		return ids
	}
	from, _ := strconv.Atoi(ids[0][1:])
	to, _ := strconv.Atoi(ids[1][1:])
	var all []string
	for n := from; n <= to; n++ {
		all = append(all, fmt.Sprint(ids[0][:1], n))
	}
	return all
}

// testsOf are the names of all tests of the module.
func testsOf(t *testing.T) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				names = append(names, f.Name.Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
