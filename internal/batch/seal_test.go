package batch

import (
	"bytes"
	"testing"

	"tokenconsole/internal/genesys"
)

// A sealed token opens for its batch and person alone, under the key that sealed it.
func TestSeal(t *testing.T) {
	t.Parallel()
	old, young := bytes.Repeat([]byte("old."), 8), bytes.Repeat([]byte("new."), 8)
	make := func(keys ...[]byte) sealer {
		s, err := newSealer(keys)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	token := genesys.NewSecret("a token that nobody may read")
	sealed := make(old).seal(token, "batch", "ada")
	changed := bytes.Clone(sealed)
	changed[len(changed)/2] ^= 1
	if bytes.Contains(sealed, []byte("token")) {
		t.Error("the sealed token can be read")
	}
	for name, c := range map[string]struct {
		with          sealer
		sealed        []byte
		batch, person string
		opens         bool
	}{
		"as it was sealed":      {make(old), sealed, "batch", "ada", true},
		"after a change of key": {make(young, old), sealed, "batch", "ada", true},
		"without its key":       {make(young), sealed, "batch", "ada", false},
		"in another batch":      {make(old), sealed, "another", "ada", false},
		"for somebody else":     {make(old), sealed, "batch", "eve", false},
		"changed":               {make(old), changed, "batch", "ada", false},
		"wiped":                 {make(old), nil, "batch", "ada", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.with.open(c.sealed, c.batch, c.person)
			if opened := err == nil && got == token; opened != c.opens {
				t.Errorf("opens: %t, %v", opened, err)
			}
		})
	}
}
