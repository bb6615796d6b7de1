package databasetest

import (
	"os"
	"testing"
)

// memory is a file system in memory on Linux. Durable writes cost nothing there, and tests make thousands of them.
const memory = "/dev/shm"

// Directory is t.TempDir in memory, where there is such a thing. Benchmarks measure the disk.
func Directory(t testing.TB) string {
	t.Helper()
	if _, ok := t.(*testing.B); ok {
		return t.TempDir()
	}
	directory, err := makeDirectory("test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(directory); err != nil {
			t.Errorf("removing the test's directory: %v", err)
		}
	})
	return directory
}

// makeDirectory makes a directory where TMPDIR says or, without it, in memory or else where the system keeps such things.
func makeDirectory(prefix string) (string, error) {
	if os.Getenv("TMPDIR") == "" {
		if directory, err := os.MkdirTemp(memory, prefix); err == nil {
			return directory, nil
		}
	}
	return os.MkdirTemp("", prefix)
}
