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
	sealed := make(old).seal(token, sealedFor{"batch", "ada", 7})
	empty := make(old).seal(genesys.Secret{}, sealedFor{"batch", "ada", 7})
	changed := bytes.Clone(sealed)
	changed[len(changed)/2] ^= 1
	if bytes.Contains(sealed, []byte("token")) {
		t.Error("the sealed token can be read")
	}
	for name, c := range map[string]struct {
		with   sealer
		sealed []byte
		to     sealedFor
		opens  bool
	}{
		"as it was sealed":      {make(old), sealed, sealedFor{"batch", "ada", 7}, true},
		"after a change of key": {make(young, old), sealed, sealedFor{"batch", "ada", 7}, true},
		"without its key":       {make(young), sealed, sealedFor{"batch", "ada", 7}, false},
		"in another batch":      {make(old), sealed, sealedFor{"another", "ada", 7}, false},
		"for somebody else":     {make(old), sealed, sealedFor{"batch", "eve", 7}, false},
		"from an earlier time":  {make(old), sealed, sealedFor{"batch", "ada", 9}, false},
		"changed":               {make(old), changed, sealedFor{"batch", "ada", 7}, false},
		"no token":              {make(old), empty, sealedFor{"batch", "ada", 7}, false},
		"wiped":                 {make(old), nil, sealedFor{"batch", "ada", 7}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.with.open(c.sealed, c.to)
			if opened := err == nil && got == token; opened != c.opens || !opened && err == nil {
				t.Errorf("opens: %t, %v", opened, err)
			}
		})
	}
}
