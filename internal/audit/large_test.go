package audit

import (
	"os"
	"testing"

	"tokenconsole/internal/database/databasetest"
)

// TestWriteLargeRecord writes the record of a million entries into the SQLite file that TOKENCONSOLE_LARGE_RECORD
// names, and the key that signs it beside it, for the program that measures the console (e2e/load).
func TestWriteLargeRecord(t *testing.T) {
	path := os.Getenv("TOKENCONSOLE_LARGE_RECORD")
	if path == "" {
		t.Skip("for e2e/load only")
	}
	if err := fill(t.Context(), databasetest.Open(t, "sqlite:"+path), size); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".key", []byte(testPrivateKey()), 0o600); err != nil {
		t.Fatal(err)
	}
}
