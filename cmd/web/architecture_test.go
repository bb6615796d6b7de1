package main

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module = "tokenconsole"
	root   = "../.."
)

// listed is what `go list -json` tells of a package.
type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// packages lists the module's packages with their paths below it.
func packages(t *testing.T) []listed {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("go list: %s", exit.Stderr)
		}
		t.Fatal(err)
	}
	var found []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return found
		} else if err != nil {
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module+"/")
		found = append(found, p)
	}
}

// own are those of imports that belong to the module, with their paths below it.
func own(imports []string) []string {
	var found []string
	for _, i := range imports {
		if below, ok := strings.CutPrefix(i, module+"/"); ok {
			found = append(found, below)
		}
	}
	return found
}

// TestImportDirections holds that imports run downward only: cmd/web, handlers,
// its rooms, request and respond, then views, session and internal; views know
// static and what compresses alone. Rooms do not know each other.
func TestImportDirections(t *testing.T) {
	t.Parallel()
	room := []string{"handlers/request", "handlers/respond", "views", "session", "internal/..."}
	below := map[string][]string{
		"cmd/web":          {"handlers", "session", "internal/..."},
		"handlers":         {"handlers/...", "session", "internal/..."},
		"handlers/respond": {"handlers/request", "views", "session", "internal/..."},
		"handlers/request": {"session", "internal/..."},
		"handlers/status":  append(slices.Clone(room), "static"),
		"handlers/*":       room,
		"views":            {"static", "internal/compress"},
		"session":          {"internal/..."},
		"static":           {},
		"internal/*":       {"internal/..."},
		"e2e":              {"e2e/...", "internal/emulator"},
		"e2e/*":            {"e2e/...", "internal/emulator"},
		"e2e/load":         {"session", "internal/..."},
		"e2e/program":      {"internal/emulator", "internal/database/databasetest"},
	}
	packages := packages(t)
	if len(packages) < 18 {
		t.Fatalf("go list found only %d packages", len(packages))
	}
	for _, p := range packages {
		allowed, known := below[p.ImportPath]
		if !known {
			layer, _, _ := strings.Cut(p.ImportPath, "/")
			allowed, known = below[layer+"/*"]
		}
		if !known {
			t.Errorf("%s belongs to no layer", p.ImportPath)
		}
		for _, i := range own(p.Imports) {
			if !within(allowed, i) {
				t.Errorf("%s imports %s", p.ImportPath, i)
			}
		}
	}
}

// within reports whether the package at path is one of allowed; "x/..." stands for
// every package below x.
func within(allowed []string, path string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		prefix, all := strings.CutSuffix(a, "...")
		return path == a || all && strings.HasPrefix(path, prefix)
	})
}

// TestEmulatorStaysOutside holds that no part of the console but main knows the
// emulator, and that it shares no code with the console's client.
func TestEmulatorStaysOutside(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if slices.Contains(own(p.Imports), "internal/emulator") && p.ImportPath != "cmd/web" && !strings.HasPrefix(p.ImportPath, "e2e") {
			t.Errorf("%s imports the emulator", p.ImportPath)
		}
		if imports := own(p.Imports); p.ImportPath == "internal/emulator" && len(imports) > 0 {
			t.Errorf("the emulator imports %v", imports)
		}
	}
}

// TestTestsStayInLayer holds that tests of internal packages do without the
// layers above them too.
func TestTestsStayInLayer(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, i := range append(own(p.TestImports), own(p.XTestImports)...) {
			if strings.HasPrefix(p.ImportPath, "internal/") && !strings.HasPrefix(i, "internal/") {
				t.Errorf("a test of %s imports %s", p.ImportPath, i)
			}
		}
	}
}

// TestLayout holds what stands at the top, and that packages are named for what
// they are about.
func TestLayout(t *testing.T) {
	t.Parallel()
	top := []string{
		".cache", ".ci", ".git", "bin", "cmd", "docs", "e2e", "handlers", "internal", "session", "static", "views",
	}
	foreign := []string{".cache", ".git", "bin", "node_modules", "artifacts"}
	vague := []string{"util", "utils", "common", "helper", "helpers", "model", "models", "type", "types", "service", "services", "misc", "shared", "lib", "base"}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == root {
			return err
		}
		if !d.IsDir() {
			if filepath.Ext(name) == ".go" {
				_, err = os.Stat(name) // so that a cached result of these tests ends with it
			}
			return err
		}
		atTop := filepath.Dir(name) == root
		if atTop && !slices.Contains(top, d.Name()) {
			t.Errorf("%s stands at the top", d.Name())
		}
		if slices.Contains(vague, path.Base(filepath.ToSlash(name))) {
			t.Errorf("%s says nothing about what it holds", name)
		}
		if slices.Contains(foreign, d.Name()) {
			return filepath.SkipDir
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // others' temporary files come and go
		t.Fatal(err)
	}
}
