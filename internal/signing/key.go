// Package signing holds the keys of the record, and the checkpoints that they sign: C2SP's tlog-checkpoint, a signed
// note with an Ed25519 signature, as package golang.org/x/mod/sumdb/note writes it.
package signing

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// DefaultKeyName is what a key is called when nobody says otherwise. It is the first line of every checkpoint.
const DefaultKeyName = "tokenconsole"

// Key signs checkpoints. Whatever prints it gets "[secret]".
type Key struct {
	signer note.Signer
	public PublicKey
}

// PublicKey checks what the Key of the same pair signed.
type PublicKey struct {
	verifier note.Verifier
	text     string
}

// GenerateKey makes a pair of keys, as text: the private one for CONSOLE_RECORD_KEY, and the public one for whoever
// checks the record. The name may hold neither spaces nor a plus.
func GenerateKey(name string) (private, public string, err error) {
	private, public, err = note.GenerateKey(rand.Reader, name)
	if err == nil {
		_, err = ParsePublicKey(public) // which looks at the name
	}
	if err != nil {
		return "", "", fmt.Errorf("a key cannot be called %q: leave out spaces and plus signs", name)
	}
	return private, public, nil
}

var errPrivateKey = errors.New("is not a private key: make one with `web audit keygen` and give its first line")

// ParseKey reads a private key. Its errors do not contain it.
func ParseKey(private string) (Key, error) {
	signer, err := note.NewSigner(private)
	if err != nil {
		return Key{}, errPrivateKey
	}
	// The text is PRIVATE+KEY+name+hash+data, and the data is a byte for the algorithm and the seed of an Ed25519
	// key.
	data, err := base64.StdEncoding.DecodeString(private[strings.LastIndexByte(private[:len("PRIVATE+KEY+")+
		len(signer.Name())+len("+01234567+")], '+')+1:])
	if err != nil || len(data) != 1+ed25519.SeedSize {
		return Key{}, errPrivateKey
	}
	public := ed25519.NewKeyFromSeed(data[1:]).Public().(ed25519.PublicKey)
	text, err := note.NewEd25519VerifierKey(signer.Name(), public)
	if err != nil {
		return Key{}, errPrivateKey
	}
	parsed, err := ParsePublicKey(text)
	return Key{signer, parsed}, err
}

// ParseKeys reads private keys separated by commas, newest first. They are one key over time, so they have one name.
func ParseKeys(list string) ([]Key, error) {
	var keys []Key
	for text := range strings.SplitSeq(list, ",") {
		key, err := ParseKey(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("key %d %w", len(keys)+1, err)
		}
		if len(keys) > 0 && key.Name() != keys[0].Name() {
			return nil, fmt.Errorf("key %d is called %q and the first one %q: keys that follow each other share a name",
				len(keys)+1, key.Name(), keys[0].Name())
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// ParsePublicKey reads a public key.
func ParsePublicKey(public string) (PublicKey, error) {
	public = strings.TrimSpace(public)
	verifier, err := note.NewVerifier(public)
	if err != nil {
		if strings.HasPrefix(public, "PRIVATE+") {
			return PublicKey{}, errors.New("that is the private key: give the public one, which begins with its name; `web doctor` shows it")
		}
		return PublicKey{}, errors.New("that is not a public key: it is like tokenconsole+0a1b2c3d+AbCd…, and whoever runs the console has it")
	}
	return PublicKey{verifier, public}, nil
}

// Public is the other half of k.
func (k Key) Public() PublicKey { return k.public }

// Name is what the key is called; it is the first line of every checkpoint that it signs.
func (k Key) Name() string { return k.public.Name() }

// Format prints "[secret]" under every verb and flag.
func (k Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[secret]")) }

// Name is what the key is called.
func (p PublicKey) Name() string { return p.verifier.Name() }

// ID is name and hash of the key, as signatures name it, such as "tokenconsole+0a1b2c3d".
func (p PublicKey) ID() string {
	return fmt.Sprintf("%s+%08x", p.verifier.Name(), p.verifier.KeyHash())
}

// String is the key as ParsePublicKey reads it.
func (p PublicKey) String() string { return p.text }

func verifiers(keys []PublicKey) note.Verifiers {
	list := make([]note.Verifier, 0, len(keys))
	seen := map[string]bool{}
	for _, k := range keys {
		if !seen[k.ID()] { // a key given twice would be ambiguous
			list = append(list, k.verifier)
		}
		seen[k.ID()] = true
	}
	return note.VerifierList(list...)
}
