package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// The least and the most of a setting are taken, and what is next to them is not.
func TestLimitsOfSettings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ taken, refused string }{
		"CONSOLE_SESSION_IDLE":    {"1s 24h", "999ms 24h1ns 0 -1s"},
		"CONSOLE_SESSION_TOTAL":   {"1s 168h", "999ms 168h1ns"},
		"CONSOLE_WATCH":           {"1m 168h", "59s 168h1ns"},
		"CONSOLE_APPROVAL_WITHIN": {"1m 168h", "59s 168h1ns"},
		"CONSOLE_AUDIT_RETENTION": {"24h 1d 36500d 876000h", "23h59m59s 0d 36501d 876000h1ns d 1.5d"},
		"CONSOLE_RATE_SHARE":      {"0 95 95%", "-1 96 2.5 %"},
		"CONSOLE_APPROVAL_OVER":   {"1 10000", "0 10001"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for value := range strings.FieldsSeq(c.taken) {
				env := good("CONSOLE_SESSION_TOTAL", "168h", name, value)
				if name == "CONSOLE_SESSION_TOTAL" {
					env["CONSOLE_SESSION_IDLE"] = "1s"
				}
				if _, _, err := parse(env); err != nil {
					t.Errorf("%s: %v", value, err)
				}
			}
			for value := range strings.FieldsSeq(c.refused) {
				wantProblems(t, good(name, value), nil, name)
			}
		})
	}
}

func TestReasonsToChoose(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat("ä", 40)
	twelve := "1,2,3,4,5,6,7,8,9,10,11,12"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"one":                 {"Lost", []string{"Lost"}},
		"spaces and the same": {" Lost  phone ,,Left, Lost phone", []string{"Lost phone", "Left"}},
		"the longest":         {longest, []string{longest}},
		"twelve":              {twelve, strings.Split(twelve, ",")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, mustParse(t, good("CONSOLE_REASONS", c.text)).Reasons); d != "" {
				t.Error(d)
			}
		})
	}
	for name, text := range map[string]string{
		"none": " , ", "too long": longest + "a", "too many": twelve + ",13", "a bell": "Lost\aphone", "no text": "Lost\xff",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantProblems(t, good("CONSOLE_REASONS", text), nil, "CONSOLE_REASONS")
		})
	}
}

// patternless is a key that is as little like a pattern as can be: 32 different bytes, 32 different steps, half of them text.
func patternless() []byte {
	key := make([]byte, KeySize)
	value := byte(0x90)
	for i := range key {
		value += byte(7*i*i + 3)
		key[i] = value
	}
	return key
}

// A key at each limit is taken, and one step beyond it is not.
func TestWeakKeyLimits(t *testing.T) {
	t.Parallel()
	if patterned(patternless()) {
		t.Fatalf("the key to begin with is refused: %x", patternless())
	}
	for name, c := range map[string]struct {
		most int // steps that are taken
		key  func(steps int) []byte
	}{
		"one byte many times": {7, func(n int) []byte { // spread, so that steps differ
			key := patternless()
			for i := range n {
				key[4*i+i%3] = 0xa5
			}
			return key
		}},
		"one step many times": {9, func(n int) []byte {
			key := patternless()
			for i := range n {
				key[i+1] = key[i] + 11
			}
			return key
		}},
		"text": {29, func(n int) []byte {
			key := make([]byte, KeySize)
			for i := range key {
				key[i] = 0x80 + byte(i*i*3+i)&0x7f
				if i < n {
					key[i] = ' ' + byte(i*i*5+i*2)%('~'-' '+1)
				}
			}
			return key
		}},
		"few different bytes": {16, func(n int) []byte { // 32 bytes of 32-n kinds
			key := patternless()
			for i := range n {
				key[KeySize-1-i] = key[i*7%(KeySize-n)]
			}
			return key
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if key := c.key(c.most); patterned(key) {
				t.Errorf("%d refused: %x", c.most, key)
			}
			if key := c.key(c.most + 1); !patterned(key) {
				t.Errorf("%d taken: %x", c.most+1, key)
			}
		})
	}
	t.Run("edges of text", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			last byte
			want bool
		}{{' ', true}, {'~', true}, {' ' - 1, false}, {'~' + 1, false}} {
			key := make([]byte, KeySize)
			for i := range key {
				key[i] = ' ' + 1 + byte(i*i*5+i*2)%('~'-' '-1)
			}
			key[30], key[31], key[29] = 0x80, 0xff, c.last
			if got := patterned(key); got != c.want {
				t.Errorf("29 letters and %#x: refused %t", c.last, got)
			}
		}
	})
}

// Lines of the help fit a terminal, and are as full as they can be.
func TestHelpIsWrapped(t *testing.T) {
	t.Parallel()
	_, help, err := parse(nil, "--help")
	if !errors.Is(err, ErrHelp) {
		t.Fatal(err)
	}
	const indent = "      "
	lines := strings.Split(help, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "  --") {
			continue // a flag with its standard value is never split
		}
		if n := utf8.RuneCountInString(line); n > 120 || strings.HasPrefix(line, indent) && n > helpWidth {
			t.Errorf("%d wide: %s", n, line)
		}
		if strings.TrimRight(line, " ") != line {
			t.Errorf("ends in spaces: %q", line)
		}
		if i+1 == len(lines) || !strings.HasPrefix(line, indent) || !strings.HasPrefix(lines[i+1], indent) {
			continue
		}
		if next, _, _ := strings.Cut(strings.TrimSpace(lines[i+1]), " "); len(line)+1+len(next) < helpWidth {
			t.Errorf("%q would fit behind: %s", next, line)
		}
	}
	for what, want := range map[string]string{
		"a flag with its standard": "--session-idle=30m", "a flag without": "--database-url", "a switch": "  --demo\n",
		"a secret": "[CONSOLE_SESSION_KEYS[_FILE]]", "no secret": "[CONSOLE_PUBLIC_URL]",
	} {
		if !strings.Contains(help, want) {
			t.Errorf("%s: %q is missing", what, want)
		}
	}
	if strings.Contains(help, "Default: .") || strings.Contains(help, "[]") {
		t.Error("a default or a variable is told where there is none")
	}
}

func TestNamesOfFlags(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{"Addr": "addr", "DemoRateLimit": "demo-rate-limit", "ClientID": "client-id", "AtoZ": "ato-z", "OfA": "of-a"} {
		if got := kebab(field); got != want {
			t.Errorf("%s is %s, want %s", field, got, want)
		}
	}
}

func TestNamesOfKeys(t *testing.T) {
	t.Parallel()
	for name, taken := range map[string]bool{"!": true, "~": true, "a.b-c": true, " ": false, "\x7f": false, "a\tb": false, "é": false} {
		if _, _, err := parse(nil, "audit", "keygen", "--name="+name); (err == nil) != taken {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// A file of settings may have a MB.
func TestSizeOfSettingsFile(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]string{maxSettingsFile: "", maxSettingsFile + 1: "cannot be read"} {
		path := filepath.Join(t.TempDir(), "console.env")
		if err := os.WriteFile(path, []byte(strings.Repeat("#", size-1)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := parse(good(), "--settings="+path)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

// A command refuses the first argument too many.
func TestTooManyArguments(t *testing.T) {
	t.Parallel()
	for _, words := range []string{"init a spare", "backup a spare", "keygen spare", "audit prove a spare"} {
		if _, _, err := parse(nil, strings.Fields(words)...); err == nil || !strings.Contains(err.Error(), `"spare"`) {
			t.Errorf("%s: %v", words, err)
		}
	}
}
