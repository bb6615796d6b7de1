package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func settingsIn(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "console.env")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSettingsFile(t *testing.T) {
	t.Parallel()
	secret := settingsIn(t, "from-a-file\n")
	path := settingsIn(t, "\ufeff# a comment\n\nGENESYS_CLIENT_ID = of-the-file \r\nCONSOLE_ADDR='127.0.0.1:1'\n"+
		"GENESYS_CLIENT_SECRET_FILE="+secret+"\nCONSOLE_SESSION_IDLE=\"10m\"\n")
	env := good("CONSOLE_ADDR", "127.0.0.1:2")
	delete(env, "GENESYS_CLIENT_ID")
	c := mustParse(t, env, "--settings", path, "--session-idle=5m")
	if c.ClientID != "of-the-file" || c.Addr != "127.0.0.1:2" || c.SessionIdle.String() != "5m0s" || c.ClientSecret.Reveal() != "from-a-file" {
		t.Errorf("%+v", c)
	}
	if len(c.Files) != 2 {
		t.Errorf("files %q were read", c.Files)
	}
	env["GENESYS_CLIENT_SECRET"] = "of-the-environment"
	if c := mustParse(t, env, "--settings", path); c.ClientSecret.Reveal() != "of-the-environment" {
		t.Error("a variable does not win over the file")
	}
}

func TestSettingsFileProblems(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ content, says string }{
		"a typing error":   {"CONSOLE_ADRR=secret-value\n", "line 1: there is no setting CONSOLE_ADRR"},
		"a trace's":        {"OTEL_SERVICE_NAME=secret-value\n", "line 1: OTEL_SERVICE_NAME is read from the environment alone"},
		"no value":         {"\n\nexport\n", "line 3 is not NAME=value"},
		"twice":            {"CONSOLE_ADDR=:1\nCONSOLE_ADDR=:2\n", "line 2: CONSOLE_ADDR stands there twice"},
		"a missing secret": {"GENESYS_CLIENT_SECRET_FILE=/nowhere\n", "GENESYS_CLIENT_SECRET_FILE cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := parse(good(), "--settings", settingsIn(t, test.content))
			if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "secret-value") {
				t.Errorf("%v, want %q", err, test.says)
			}
		})
	}
	if _, _, err := parse(good(), "--settings=/nowhere/console.env"); err == nil || !strings.Contains(err.Error(), "web init") {
		t.Errorf("no such file: %v", err)
	}
}

// The client's secret is looked for where its id is.
func TestInitialHasTheSecretBelowTheClient(t *testing.T) {
	t.Parallel()
	text := Initial("session-key", "record-key")
	id, secret := strings.Index(text, "\nGENESYS_CLIENT_ID="), strings.Index(text, "\n#GENESYS_CLIENT_SECRET=")
	if id < 0 || secret < id || strings.Index(text, "\nGENESYS_REGION=") < secret {
		t.Errorf("the secret is at %d, the id at %d:\n%s", secret, id, text)
	}
}

// Every setting stands in the file that web init writes, with its help.
func TestInitialNamesEverySetting(t *testing.T) {
	t.Parallel()
	text := Initial("session-key", "record-key")
	for name := range settingNames() {
		n := strings.Count(text, "\n"+name+"=") + strings.Count(text, "\n#"+name+"=")
		if want := 1; n != want && !strings.HasSuffix(name, "_FILE") {
			t.Errorf("%s stands there %d times", name, n)
		}
	}
}
