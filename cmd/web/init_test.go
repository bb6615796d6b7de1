package main

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"tokenconsole/internal/config"
)

// TestInit holds that what web init writes is what --settings takes, once three settings are filled in; that nobody
// else can read it; and that it overwrites nothing.
func TestInit(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "console.env")
	said, err := output(t, "init", path)
	if err != nil || !strings.Contains(said, "tokenconsole+") || strings.Contains(said, "PRIVATE") {
		t.Fatalf("%q, %v", said, err)
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = config.Parse([]string{"--settings", path}, noEnv, io.Discard)
	for _, missing := range []string{"GENESYS_CLIENT_ID", "GENESYS_REGION", "CONSOLE_PUBLIC_URL"} {
		if err == nil || !strings.Contains(err.Error(), missing+" is missing") {
			t.Errorf("that %s is missing is not said: %v", missing, err)
		}
	}
	filled := strings.NewReplacer("\nGENESYS_CLIENT_ID=", "\nGENESYS_CLIENT_ID=abc", "\nGENESYS_REGION=", "\nGENESYS_REGION=mypurecloud.de",
		"\nCONSOLE_PUBLIC_URL=", "\nCONSOLE_PUBLIC_URL=https://tokens.example.com").Replace(string(written))
	if err := os.WriteFile(path, []byte(filled), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse([]string{"--settings", path}, noEnv, io.Discard)
	if err != nil || c.ClientID != "abc" || len(c.SessionKeys) != 1 || len(c.RecordKeys) != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := output(t, "init", path); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("a second time: %v", err)
	}
	if again, err := os.ReadFile(path); err != nil || string(again) != filled {
		t.Error("the file was changed")
	}
}
