package config

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/signing"
)

func newKey() string {
	key := make([]byte, KeySize)
	_, _ = rand.Read(key) // never fails
	return base64.StdEncoding.EncodeToString(key)
}

// recordKey is a private key of a record, recordPublic its public half.
var recordKey, recordPublic = newRecordKey()

func newRecordKey() (private, public string) {
	private, public, err := signing.GenerateKey("console.example")
	if err != nil {
		panic(err)
	}
	return private, public
}

// good is an environment that a console on the real platform starts with.
func good(changes ...string) map[string]string {
	env := map[string]string{
		"GENESYS_CLIENT_ID": "the-client", "GENESYS_REGION": "mypurecloud.de",
		"CONSOLE_PUBLIC_URL": "https://tokens.example.com", "CONSOLE_SESSION_KEYS": newKey(), "CONSOLE_RECORD_KEY": recordKey,
	}
	for i := 0; i+1 < len(changes); i += 2 {
		env[changes[i]] = changes[i+1]
	}
	return env
}

func parse(env map[string]string, args ...string) (Config, string, error) {
	var stdout bytes.Buffer
	c, err := Parse(args, func(name string) string { return env[name] }, &stdout)
	return c, stdout.String(), err
}

func mustParse(t *testing.T, env map[string]string, args ...string) Config {
	t.Helper()
	c, _, err := parse(env, args...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c := mustParse(t, good())
	if c.Command != Serve || c.Addr != "127.0.0.1:8080" || c.SessionIdle != 30*time.Minute || c.SessionTotal != 12*time.Hour ||
		c.LogLevel != slog.LevelInfo || c.LogFormat != JSON || c.Demo || !c.ClientSecret.IsZero() || c.DatabaseURL != "sqlite:console.db" {
		t.Errorf("%+v", c)
	}
	if len(c.Regions) != 1 || c.Regions[0].APIURL != "https://api.mypurecloud.de" || c.PublicURL.String() != "https://tokens.example.com" {
		t.Errorf("regions %v, public URL %v", c.Regions, c.PublicURL)
	}
}

// A demo that keeps its record needs the key of that record, or its second start would not know what the first one wrote.
func TestDemoWithADatabaseNeedsItsKey(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		env     map[string]string
		refused bool
	}{
		"database alone":       {map[string]string{"CONSOLE_DATABASE_URL": "sqlite:a.db"}, true},
		"key alone":            {map[string]string{"CONSOLE_RECORD_KEY": recordKey}, false},
		"database and its key": {map[string]string{"CONSOLE_DATABASE_URL": "sqlite:a.db", "CONSOLE_RECORD_KEY": recordKey}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse([]string{"--demo"}, func(name string) string { return test.env[name] }, nil)
			if (err != nil) != test.refused || err != nil && !strings.Contains(err.Error(), "CONSOLE_RECORD_KEY is missing") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestDemoNeedsNothing(t *testing.T) {
	t.Parallel()
	c := mustParse(t, nil, "--demo")
	if !c.Demo || c.DemoUsers != 60 || c.DemoRateLimit != 300 || c.DemoAddr != "127.0.0.1:8081" || c.DatabaseURL != "" || c.PublicURL != nil {
		t.Errorf("%+v", c)
	}
}

func TestFlagsWin(t *testing.T) {
	t.Parallel()
	env := good("CONSOLE_ADDR", ":1", "GENESYS_CLIENT_SECRET", "of the environment", "CONSOLE_LOG_LEVEL", "nonsense", "CONSOLE_SESSION_IDLE", "nonsense",
		"GENESYS_CLIENT_SECRET_FILE", filepath.Join(t.TempDir(), "missing"))
	c := mustParse(t, env, "--addr", ":2", "--client-secret=of the flag", "--log-level", "debug", "--session-idle=5m")
	if c.Addr != ":2" || c.ClientSecret.Reveal() != "of the flag" || c.LogLevel != slog.LevelDebug || c.SessionIdle != 5*time.Minute {
		t.Errorf("%+v", c)
	}
}

func TestSecretsFromFiles(t *testing.T) {
	t.Parallel()
	file := func(content string) string {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	env := good("CONSOLE_SESSION_KEYS", "", "CONSOLE_SESSION_KEYS_FILE", file(newKey()+",\n"+newKey()+"\n"),
		"GENESYS_CLIENT_SECRET_FILE", file(" from-file \r\n"), "CONSOLE_DATABASE_URL_FILE", file("postgres://u:p@db/console\n"))
	c := mustParse(t, env)
	if len(c.SessionKeys) != 2 || c.ClientSecret.Reveal() != "from-file" || c.DatabaseURL != "postgres://u:p@db/console" {
		t.Errorf("%d keys, secret %q, database %q", len(c.SessionKeys), c.ClientSecret.Reveal(), c.DatabaseURL)
	}
	env = good("GENESYS_CLIENT_SECRET", "a", "GENESYS_CLIENT_SECRET_FILE", file("b"), "CONSOLE_SESSION_KEYS", "", "CONSOLE_SESSION_KEYS_FILE", "/nowhere/keys")
	wantProblems(t, env, nil, "GENESYS_CLIENT_SECRET and GENESYS_CLIENT_SECRET_FILE are both set: keep one", "CONSOLE_SESSION_KEYS_FILE cannot be read: open /nowhere/keys", "CONSOLE_SESSION_KEYS is missing")
}

// wantProblems holds that each of wanted begins one problem or stands in it,
// and that every problem of env is wanted.
func wantProblems(t *testing.T, env map[string]string, args []string, wanted ...string) {
	t.Helper()
	_, _, err := parse(env, args...)
	problems, ok := errors.AsType[Problems](err)
	if !ok {
		t.Errorf("%v: %v, want problems about %q", args, err, wanted)
		return
	}
	for _, want := range wanted {
		n := 0
		for _, problem := range problems {
			if strings.Contains(problem, want) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%q stands in %d of the problems:\n%v", want, n, err)
		}
	}
	if len(problems) != len(wanted) {
		t.Errorf("%d problems, want %d:\n%v", len(problems), len(wanted), err)
	}
	for _, problem := range problems {
		if !strings.Contains(err.Error(), problem) {
			t.Errorf("the error leaves out %q", problem)
		}
	}
}

func TestAllProblemsTogether(t *testing.T) {
	t.Parallel()
	wantProblems(t, map[string]string{"CONSOLE_SESSION_KEYS": newKey()}, nil, "GENESYS_CLIENT_ID is missing", "CONSOLE_PUBLIC_URL is missing",
		"CONSOLE_RECORD_KEY is missing", "GENESYS_REGION is missing")
	wantProblems(t, good("CONSOLE_SESSION_KEYS", ""), nil, "CONSOLE_SESSION_KEYS is missing")
	wantProblems(t, map[string]string{
		"CONSOLE_ADDR": "8080", "CONSOLE_PUBLIC_URL": "tokens.example.com", "GENESYS_CLIENT_ID": "c", "GENESYS_REGION": "mars",
		"CONSOLE_SESSION_KEYS": "short", "CONSOLE_SESSION_IDLE": "soon", "CONSOLE_SESSION_TOTAL": "-1h", "CONSOLE_LOG_LEVEL": "loud",
		"CONSOLE_LOG_FORMAT": "xml", "CONSOLE_TRUSTED_PROXIES": "10.0.0.0/99", "CONSOLE_AUDIT_RETENTION": "1h",
		"CONSOLE_APPROVAL_OVER": "0", "CONSOLE_APPROVAL_WITHIN": "1s", "CONSOLE_RATE_SHARE": "100", "CONSOLE_PROTECTED": "ada.park",
		"CONSOLE_RECORD_KEY": "short",
	}, nil, "CONSOLE_RECORD_KEY", "CONSOLE_ADDR", "CONSOLE_PUBLIC_URL", "GENESYS_REGION", "CONSOLE_SESSION_KEYS", "CONSOLE_SESSION_IDLE", "CONSOLE_SESSION_TOTAL",
		"CONSOLE_LOG_LEVEL", "CONSOLE_LOG_FORMAT", "CONSOLE_TRUSTED_PROXIES", "CONSOLE_AUDIT_RETENTION",
		"CONSOLE_APPROVAL_OVER", "CONSOLE_APPROVAL_WITHIN", "CONSOLE_RATE_SHARE", "CONSOLE_PROTECTED")
}

func TestProblemsOfOneSetting(t *testing.T) {
	t.Parallel()
	base64Of := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for name, c := range map[string]struct{ setting, value, want string }{
		"short key":           {"CONSOLE_SESSION_KEYS", base64Of("short"), "key 1 has 5 bytes instead of 32"},
		"second key short":    {"CONSOLE_SESSION_KEYS", newKey() + "," + base64Of("short"), "key 2 has 5 bytes"},
		"not base64":          {"CONSOLE_SESSION_KEYS", "!!!", "key 1 is not base64"},
		"zeroes":              {"CONSOLE_SESSION_KEYS", base64Of(strings.Repeat("\x00", 32)), "key 1 has too little in it"},
		"counting":            {"CONSOLE_SESSION_KEYS", base64Of("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f"), "key 1 has too little in it"},
		"a sentence":          {"CONSOLE_SESSION_KEYS", base64Of("this is a key of 32 bytes, sure!"), "key 1 has too little in it"},
		"only commas":         {"CONSOLE_SESSION_KEYS", " , ,", "CONSOLE_SESSION_KEYS"},
		"address no port":     {"CONSOLE_ADDR", "localhost", "HOST:PORT"},
		"port no number":      {"CONSOLE_ADDR", ":http", "the port"},
		"port too high":       {"CONSOLE_ADDR", ":65536", "the port"},
		"public URL path":     {"CONSOLE_PUBLIC_URL", "https://example.com/console", "no path"},
		"public URL scheme":   {"CONSOLE_PUBLIC_URL", "ftp://example.com", "not an address"},
		"public URL user":     {"CONSOLE_PUBLIC_URL", "https://u:p@example.com", "not an address"},
		"public URL query":    {"CONSOLE_PUBLIC_URL", "https://example.com?x=1", "not an address"},
		"one of two regions":  {"GENESYS_REGION", "mypurecloud.de,mars", `no region "mars"`},
		"login URL":           {"GENESYS_LOGIN_URL", "gateway", "GENESYS_LOGIN_URL is not an address"},
		"API URL":             {"GENESYS_API_URL", "//gateway", "GENESYS_API_URL is not an address"},
		"idle too long":       {"CONSOLE_SESSION_IDLE", "25h", "CONSOLE_SESSION_IDLE"},
		"retention no number": {"CONSOLE_AUDIT_RETENTION", "xd", "CONSOLE_AUDIT_RETENTION"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantProblems(t, good(c.setting, c.value), nil, c.want)
		})
	}
	several := good("GENESYS_REGION", "mypurecloud.de,mypurecloud.ie", "GENESYS_API_URL", "https://gateway.example")
	wantProblems(t, several, nil, "go with one GENESYS_REGION")
	for flag, value := range map[string]string{"--demo-users": "2", "--demo-rate-limit": "0", "--demo-addr": "0.0.0.0:8081"} {
		wantProblems(t, nil, []string{"--demo", flag, value}, flag)
	}
	for _, args := range [][]string{{"--nonsense"}, {"nonsense"}, {"--addr"}, {"serve", "more"}} {
		wantProblems(t, good(), args, "see web --help")
	}
}

// TestProblemsTellNoSecret holds that what is wrong with a secret is told
// without it.
func TestProblemsTellNoSecret(t *testing.T) {
	t.Parallel()
	_, _, err := parse(map[string]string{"CONSOLE_SESSION_KEYS": "sEcReT-VALUE", "CONSOLE_RECORD_KEY": "PRIVATE+KEY+sEcReT-VALUE", "GENESYS_CLIENT_SECRET": "sEcReT-VALUE", "CONSOLE_DATABASE_URL": "sEcReT-VALUE"})
	if err == nil || strings.Contains(err.Error(), "sEcReT") {
		t.Errorf("%v", err)
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	c := mustParse(t, good("GENESYS_REGION", " mypurecloud.ie, us-east-1 ,usw2.pure.cloud"))
	var domains []string
	for _, r := range c.Regions {
		domains = append(domains, r.Domain)
	}
	if d := cmp.Diff([]string{"mypurecloud.ie", "mypurecloud.com", "usw2.pure.cloud"}, domains); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	c = mustParse(t, good("CONSOLE_ALLOW_PLAIN_HTTP", "true", "GENESYS_LOGIN_URL", "http://gateway.example/login/", "GENESYS_API_URL", "https://gateway.example:8443/api//"))
	if r := c.Regions[0]; r.LoginURL != "http://gateway.example/login" || r.APIURL != "https://gateway.example:8443/api" || r.Domain != "mypurecloud.de" {
		t.Errorf("overridden: %+v", r)
	}
}

// TestPublicURL holds that it is spelled as browsers spell it in Host and Origin.
func TestPublicURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://Tokens.Example.com/": "https://tokens.example.com", "https://tokens.example.com:443": "https://tokens.example.com",
		"http://tokens.example.com:80": "http://tokens.example.com", "https://tokens.example.com:80": "https://tokens.example.com:80",
		"HTTPS://tokens.example.com:8443": "https://tokens.example.com:8443", "http://[::1]:80/": "http://[::1]", "http://127.0.0.1:8080": "http://127.0.0.1:8080",
		"https://tokens.example.com:": "https://tokens.example.com",
	} {
		if got := mustParse(t, good("CONSOLE_PUBLIC_URL", text, "CONSOLE_ALLOW_PLAIN_HTTP", "true")).PublicURL.String(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

func TestOtherSettings(t *testing.T) {
	t.Parallel()
	c := mustParse(t, good("CONSOLE_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.7 ,::1", "CONSOLE_AUDIT_RETENTION", "365d", "CONSOLE_LOG_FORMAT", "text"))
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("::1/128")}
	if d := cmp.Diff(want, c.TrustedProxies, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); d != "" {
		t.Errorf("proxies, -want +got:\n%s", d)
	}
	if c.AuditRetention != 365*24*time.Hour || c.LogFormat != Text {
		t.Errorf("retention %v, format %s", c.AuditRetention, c.LogFormat)
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Command{"": Serve, "serve": Serve, "keygen": Keygen, "healthcheck": Healthcheck, "version": Version, "audit verify": AuditVerify,
		"audit checkpoint": AuditCheckpoint, "audit keygen": AuditKeygen} {
		env := map[string]string{}
		if want == Serve {
			env = good()
		}
		if c := mustParse(t, env, strings.Fields(text)...); c.Command != want {
			t.Errorf("%q is %q, want %q", text, c.Command, want)
		}
	}
}

// The commands about the record need nothing but what they work on, and believe the keys given or else the console's own.
func TestAuditCommands(t *testing.T) {
	t.Parallel()
	c := mustParse(t, nil, "audit", "verify", "--key="+recordPublic, "--database-url=sqlite:a.db", "one.txt", "two.txt")
	if len(c.PublicKeys) != 1 || c.PublicKeys[0].String() != recordPublic || c.DatabaseURL != "sqlite:a.db" {
		t.Errorf("verify: %+v", c)
	}
	if d := cmp.Diff([]string{"one.txt", "two.txt"}, c.CheckpointFiles); d != "" {
		t.Errorf("checkpoints, -want +got:\n%s", d)
	}
	c = mustParse(t, map[string]string{"CONSOLE_RECORD_KEY": recordKey}, "audit", "prove", "receipt.json")
	if len(c.PublicKeys) != 1 || c.PublicKeys[0].String() != recordPublic || c.ReceiptFile != "receipt.json" {
		t.Errorf("prove: %+v", c)
	}
	if c = mustParse(t, nil, "audit", "keygen", "--name=tokens.example.com"); c.KeyName != "tokens.example.com" {
		t.Errorf("keygen: %+v", c)
	}
	other, _ := newRecordKey()
	if c = mustParse(t, good("CONSOLE_RECORD_KEY", other+", "+recordKey)); len(c.RecordKeys) != 2 {
		t.Errorf("%d keys of two", len(c.RecordKeys))
	}
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no key to prove with":   {[]string{"audit", "prove", "r.json"}, "--key is missing"},
		"no receipt":             {[]string{"audit", "prove"}, "see web --help"},
		"not a key":              {[]string{"audit", "verify", "--key=x"}, "--key: that is not a public key"},
		"the private one":        {[]string{"audit", "verify", "--key=" + recordKey}, "--key: that is the private key"},
		"a name with a plus":     {[]string{"audit", "keygen", "--name=a+b"}, "--name"},
		"a name with spaces":     {[]string{"audit", "keygen", "--name=a b"}, "--name"},
		"audit without what":     {[]string{"audit"}, "web audit needs one of: verify, prove, checkpoint, keygen; see web --help"},
		"a command that was not": {[]string{"audit", "mend"}, `no command "audit mend"; web audit takes one of: verify, prove, checkpoint, keygen; see web --help`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantProblems(t, nil, test.args, test.want)
		})
	}
}

// TestHelpListsEverySetting reads the settings from their type, so that none
// can be added without being told.
func TestHelpListsEverySetting(t *testing.T) {
	t.Parallel()
	_, help, err := parse(nil, "--help")
	if !errors.Is(err, ErrHelp) {
		t.Fatal(err)
	}
	if !strings.Contains(help, "OTEL_*") {
		t.Error("the variables that are no settings are not in the help")
	}
	flags := flagsIn(help)
	for field := range reflect.TypeFor[settings]().Fields() {
		name := field.Tag.Get("name")
		if name == "" {
			name = kebab(field.Name)
		}
		if !slices.Contains(flags, name) {
			t.Errorf("--%s is not in the help", name)
		}
		variable := field.Tag.Get("setting")
		if _, secret := field.Tag.Lookup("secret"); secret {
			variable += "[_FILE]"
		}
		if field.Tag.Get("setting") != "" && !strings.Contains(strings.Join(strings.Fields(help), ""), "["+variable+"]") {
			t.Errorf("%s is not in the help", variable)
		}
	}
	for _, command := range []string{"serve", "keygen", "healthcheck", "audit", "version"} {
		if !strings.Contains(help, "\n  "+command) {
			t.Errorf("command %q is not in the help:\n%s", command, help)
		}
	}
}

// What is missing is told one by one only to whoever began to set it up.
func TestNothingIsSetUp(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{"bare": nil, "with an address": {"serve", "--addr=127.0.0.1:0"}, "doctor": {"doctor"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantProblems(t, nil, args, "nothing is set up yet")
			_, _, err := parse(nil, args...)
			for _, step := range []string{"`web init`", "--settings", "`web --demo`"} {
				if err == nil || !strings.Contains(err.Error(), step) {
					t.Errorf("%s is not named: %v", step, err)
				}
			}
		})
	}
}

// The help of a command has the flags that the command reads, and no others: the others it refuses.
func TestHelpOfACommand(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{
		"keygen": "", "version": "", "init": "name", "healthcheck": "settings addr",
		"backup": "settings database-url record-key", "audit keygen": "name", "audit checkpoint": "settings database-url record-key",
		"audit verify": "settings database-url record-key key", "audit prove": "settings record-key key",
	} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			_, help, err := parse(nil, append(strings.Fields(command), "--help")...)
			if !errors.Is(err, ErrHelp) {
				t.Fatal(err)
			}
			if d := cmp.Diff(strings.Fields(want), flagsIn(help)); d != "" {
				t.Errorf("flags, -want +got:\n%s", d)
			}
			wantProblems(t, nil, append(strings.Fields(command), "--watch=1h", "file"), "")
		})
	}
	_, help, _ := parse(nil, "doctor", "--help")
	if got := flagsIn(help); !slices.Contains(got, "watch") || slices.Contains(got, "demo") || slices.Contains(got, "key") {
		t.Errorf("doctor has %q", got)
	}
}

// flagsIn lists the flags of a help, without -h.
func flagsIn(help string) []string {
	found := []string{}
	for line := range strings.Lines(help) {
		if flag, ok := strings.CutPrefix(line, "  --"); ok {
			name, _, _ := strings.Cut(strings.TrimSpace(flag), "=")
			found = append(found, name)
		}
	}
	return found
}
