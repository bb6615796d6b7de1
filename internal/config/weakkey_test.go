package config

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// randomKeys gives n keys, the same ones every time.
func randomKeys(n int) func(yield func([]byte) bool) {
	random := rand.NewChaCha8([32]byte{1})
	return func(yield func([]byte) bool) {
		for range n {
			key := make([]byte, KeySize)
			_, _ = random.Read(key) // never fails
			if !yield(key) {
				return
			}
		}
	}
}

// TestRandomKeysPass holds that a key that was made as it should be is taken.
func TestRandomKeysPass(t *testing.T) {
	t.Parallel()
	for key := range randomKeys(200_000) {
		if patterned(key) {
			t.Fatalf("refused: %x", key)
		}
	}
}

// TestWeakKeys holds that a key is refused that has only half of what it should,
// whatever fills the rest (T18).
func TestWeakKeys(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(key []byte){
		"first half zero":      func(key []byte) { clear(key[:16]) },
		"second half zero":     func(key []byte) { clear(key[16:]) },
		"a quarter zero":       func(key []byte) { clear(key[24:]) },
		"every other zero":     func(key []byte) { spread(key, func(int) byte { return 0 }) },
		"half ones":            func(key []byte) { copy(key, bytes.Repeat([]byte{0xff}, 16)) },
		"half spaces":          func(key []byte) { copy(key, bytes.Repeat([]byte{' '}, 16)) },
		"half counting":        func(key []byte) { spreadFirst(key, 16, func(i int) byte { return byte(i) }) },
		"half counting down":   func(key []byte) { spreadFirst(key, 16, func(i int) byte { return byte(200 - i) }) },
		"half in steps":        func(key []byte) { spreadFirst(key, 16, func(i int) byte { return byte(17 * i) }) },
		"the half twice":       func(key []byte) { copy(key[16:], key) },
		"a quarter four times": func(key []byte) { copy(key[8:], bytes.Repeat(key[:8], 3)) },
		"eleven bytes thrice":  func(key []byte) { copy(key[11:], append(bytes.Clone(key[:11]), key[:10]...)) },
		"hex digits":           func(key []byte) { spreadFirst(key, 32, func(i int) byte { return "0123456789abcdef"[key[i]&15] }) },
		"letters":              func(key []byte) { spreadFirst(key, 32, func(i int) byte { return 'a' + key[i]%26 }) },
		"text with line ends":  func(key []byte) { copy(key, "change me before you go live!\r\n\t") },
		"seven bits":           func(key []byte) { spreadFirst(key, 32, func(i int) byte { return key[i] & 0x7f }) },
		"an example":           func(key []byte) { copy(key[5:], "example") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for key := range randomKeys(1000) {
				if spoil(key); !patterned(key) {
					t.Fatalf("taken: %x", key)
				}
			}
		})
	}
}

// spread fills every other byte of key.
func spread(key []byte, fill func(int) byte) {
	for i := 0; i < len(key); i += 2 {
		key[i] = fill(i)
	}
}

// spreadFirst fills the first n bytes of key.
func spreadFirst(key []byte, n int, fill func(int) byte) {
	for i := range n {
		key[i] = fill(i)
	}
}
