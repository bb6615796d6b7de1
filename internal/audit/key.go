package audit

import "tokenconsole/internal/signing"

// Key signs the record; PublicKey checks it. They live in package signing, which needs no database.
type (
	Key       = signing.Key
	PublicKey = signing.PublicKey
)

// DefaultKeyName is what a key is called when nobody says otherwise.
const DefaultKeyName = signing.DefaultKeyName

// GenerateKey makes a pair of keys, as text: see signing.GenerateKey.
func GenerateKey(name string) (private, public string, err error) { return signing.GenerateKey(name) }

// ParseKeys reads private keys separated by commas, newest first: see signing.ParseKeys.
func ParseKeys(list string) ([]Key, error) { return signing.ParseKeys(list) }

// ParsePublicKey reads a public key: see signing.ParsePublicKey.
func ParsePublicKey(public string) (PublicKey, error) { return signing.ParsePublicKey(public) }
