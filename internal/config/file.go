package config

import (
	"fmt"
	"os"
	"reflect"
	"strings"
)

// maxSettingsFile bounds what is read of a settings file, in bytes.
const maxSettingsFile = 1 << 20

// readFile reads lines of NAME=value, as systemd and container engines do: # begins a comment line, and one pair of
// quotes around a value is not part of it. Problems name the line and never its value.
func (e *environment) readFile(path string) {
	content, err := os.ReadFile(path) // #nosec G304 -- the operator names the file
	if err != nil || len(content) > maxSettingsFile {
		e.problems = append(e.problems, fmt.Sprintf("--settings %s cannot be read: %v; make one with `web init`", path, err))
		return
	}
	e.files = append(e.files, path)
	e.file = map[string]string{}
	known := settingNames()
	n := 0
	for line := range strings.Lines(string(content)) {
		n++
		line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		_, twice := e.file[name]
		switch {
		case !ok:
			e.problems = append(e.problems, fmt.Sprintf("%s line %d is not NAME=value", path, n))
		case strings.HasPrefix(name, "OTEL_"):
			e.problems = append(e.problems, fmt.Sprintf("%s line %d: %s is read from the environment alone: set it there", path, n, name))
		case !known[name]:
			e.problems = append(e.problems, fmt.Sprintf("%s line %d: there is no setting %s; see web --help", path, n, name))
		case twice:
			e.problems = append(e.problems, fmt.Sprintf("%s line %d: %s stands there twice: keep one", path, n, name))
		}
		e.file[name] = unquoted(value)
	}
}

func unquoted(value string) string {
	for _, quote := range []string{`"`, "'"} {
		if inner, ok := strings.CutPrefix(value, quote); ok && strings.HasSuffix(inner, quote) {
			return strings.TrimSuffix(inner, quote)
		}
	}
	return value
}

// settingNames are the names that settings have in the environment, with the _FILE ones of secrets.
func settingNames() map[string]bool {
	names := map[string]bool{}
	for _, o := range options(reflect.TypeFor[settings]()) {
		if o.variable != "" {
			names[o.variable] = true
		}
		if o.secret {
			names[o.variable+"_FILE"] = true
		}
	}
	return names
}
