package signing

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// pair makes a key called name, and its two texts.
func pair(t testing.TB, name string) (key Key, private, public string) {
	t.Helper()
	private, public, err := GenerateKey(name)
	if err != nil {
		t.Fatal(err)
	}
	if key, err = ParseKey(private); err != nil {
		t.Fatal(err)
	}
	return key, private, public
}

func root(text string) tlog.Hash { return tlog.RecordHash([]byte(text)) }

func TestAKeyPair(t *testing.T) {
	t.Parallel()
	key, private, public := pair(t, "console.example")
	if key.Name() != "console.example" || key.Public().String() != public || !strings.HasPrefix(key.Public().ID(), "console.example+") {
		t.Errorf("%s, %s, %s", key.Name(), key.Public(), key.Public().ID())
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(verb, key); got != "[secret]" {
			t.Errorf("%s shows %q", verb, got)
		}
	}
	if parsed, err := ParsePublicKey(" " + public + "\n"); err != nil || parsed.ID() != key.Public().ID() {
		t.Errorf("with spaces around: %v", err)
	}
	if _, err := ParsePublicKey(private); err == nil || !strings.Contains(err.Error(), "that is the private key") {
		t.Errorf("the private key as a public one: %v", err)
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	t.Parallel()
	_, private, public := pair(t, "console.example")
	_, other, _ := pair(t, "another.example")
	for name, test := range map[string]struct{ list, want string }{
		"nothing":        {"", "key 1 "},
		"the public one": {public, "key 1 "},
		"cut short":      {private[:len(private)-4], "key 1 "},
		"a comma more":   {private + ",", "key 2 "},
		"two names":      {private + "," + other, `key 2 is called "another.example" and the first one "console.example"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseKeys(test.list)
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Fatalf("%v", err)
			}
			if strings.Contains(err.Error(), private[len(private)-20:]) {
				t.Errorf("the error tells the key: %v", err)
			}
		})
	}
	for _, name := range []string{"", "two words", "a+b", "line\nbreak"} {
		if _, _, err := GenerateKey(name); err == nil {
			t.Errorf("a key is called %q", name)
		}
	}
}

func TestACheckpoint(t *testing.T) {
	t.Parallel()
	key, _, _ := pair(t, "console.example")
	signed, err := Sign(key, 7, root("r"))
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("console.example\n7\n%s\n\n— console.example ", root("r")); !strings.HasPrefix(signed.Text, want) {
		t.Errorf("%q; want it to begin %q", signed.Text, want)
	}
	opened, err := Open(signed.Text, []PublicKey{key.Public(), key.Public()})
	if err != nil || opened != signed {
		t.Errorf("%+v, %v; want %+v", opened, err, signed)
	}
	read, err := Read(signed.Text)
	if err != nil || read.Size != 7 || read.Root != root("r") || read.Key != "" {
		t.Errorf("%+v, %v", read, err)
	}
}

func TestFalseCheckpoints(t *testing.T) {
	t.Parallel()
	key, _, _ := pair(t, "console.example")
	stranger, _, _ := pair(t, "console.example")
	elsewhere, _, _ := pair(t, "another.example")
	sign := func(key Key, size int64) string {
		c, err := Sign(key, size, root("r"))
		if err != nil {
			t.Fatal(err)
		}
		return c.Text
	}
	good := sign(key, 7)
	keys := []PublicKey{key.Public()}
	for name, test := range map[string]struct {
		text string
		keys []PublicKey
		want error
	}{
		"no key to check it":      {good, nil, ErrUnsigned},
		"by a stranger":           {sign(stranger, 7), keys, ErrUnsigned},
		"another console's":       {sign(elsewhere, 7), keys, ErrUnsigned},
		"the size changed":        {strings.Replace(good, "\n7\n", "\n8\n", 1), keys, ErrForged},
		"the root changed":        {strings.Replace(good, root("r").String(), root("s").String(), 1), keys, ErrForged},
		"a line more":             {strings.Replace(good, "\n\n", "\nmore\n\n", 1), keys, ErrForged},
		"size zero":               {sign(key, 0), keys, ErrMalformed},
		"a size below zero":       {sign(key, -1), keys, ErrMalformed},
		"empty":                   {"", keys, ErrMalformed},
		"without signature":       {good[:strings.Index(good, "\n\n")+2], keys, ErrMalformed},
		"with Windows line ends":  {strings.ReplaceAll(good, "\n", "\r\n"), keys, ErrMalformed},
		"signed for another name": {strings.Replace(good, "console.example\n7", "another.example\n7", 1), keys, ErrForged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c, err := Open(test.text, test.keys); !errors.Is(err, test.want) || c != (Checkpoint{}) {
				t.Errorf("%+v, %v; want %v", c, err, test.want)
			}
		})
	}
}

// FuzzOpen holds that nothing passes but what the key has signed, and that nothing makes it fall over.
func FuzzOpen(f *testing.F) {
	key, _, _ := pair(f, "console.example")
	stranger, _, _ := pair(f, "console.example")
	ours := map[string]bool{}
	for _, size := range []int64{1, 7, 1 << 40} {
		for _, k := range []Key{key, stranger} {
			c, err := Sign(k, size, root("r"))
			if err != nil {
				f.Fatal(err)
			}
			ours[strings.SplitN(c.Text, "\n\n", 2)[0]] = true
			f.Add(c.Text)
			f.Add(strings.Replace(c.Text, "\n", "\r\n", 1))
			f.Add(c.Text + strings.Repeat("— x AAAAAAAA\n", 3))
		}
	}
	f.Add("console.example\n7\n" + root("r").String() + "\n\n— console.example AAAA\n")
	f.Add("\n\n\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Open(text, []PublicKey{key.Public()})
		if err != nil && c != (Checkpoint{}) {
			t.Errorf("%+v beside %v", c, err)
		}
		if signed, _, _ := strings.Cut(text, "\n\n"); err == nil && (!ours[signed] || c.Key != key.Public().ID() || c.Size < 1) {
			t.Errorf("%q passes as %+v", text, c)
		}
		read, readErr := Read(text)
		if err == nil && (readErr != nil || read.Size != c.Size || read.Root != c.Root) {
			t.Errorf("read as %+v, %v; opened as %+v", read, readErr, c)
		}
	})
}
