package database

import (
	"io/fs"
	"strings"
	"testing"
)

// Two branches that each add a migration merge without a conflict; no database opens after that.
func TestMigrationsHaveNumbersOfTheirOwn(t *testing.T) {
	files := map[string][]string{}
	err := fs.WalkDir(migrations, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			number, _, _ := strings.Cut(path, "_")
			files[number] = append(files[number], path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("found no migrations")
	}
	for number, paths := range files {
		if len(paths) > 1 {
			t.Errorf("%s is the number of %d migrations: %v", number, len(paths), paths)
		}
	}
}
