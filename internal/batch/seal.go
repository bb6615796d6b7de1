package batch

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"

	"tokenconsole/internal/genesys"
)

// sealer keeps tokens unreadable in the database. A sealed token opens only as the token of the batch, the person
// and the entry that it was sealed for.
type sealer struct{ ciphers []cipher.AEAD }

// errSealed says that a token was sealed with other keys, for another batch or person, or not by this console.
var errSealed = errors.New("the batch's token cannot be opened")

func newSealer(keys [][]byte) (sealer, error) {
	if len(keys) == 0 {
		return sealer{}, errors.New("batches need a session key")
	}
	var s sealer
	for _, key := range keys {
		derived, err := hkdf.Key(sha256.New, key, nil, "tokenconsole batch token", 32)
		if err != nil {
			return sealer{}, fmt.Errorf("deriving the key of batch tokens: %w", err)
		}
		block, err := aes.NewCipher(derived)
		if err != nil {
			return sealer{}, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return sealer{}, err
		}
		s.ciphers = append(s.ciphers, aead)
	}
	return s, nil
}

// sealedFor is what a token is sealed for: a batch, a person, and the entry by which they set it going.
type sealedFor struct {
	batch, person string
	entry         int64
}

func (s sealer) seal(token genesys.Secret, to sealedFor) []byte {
	// #nosec G407 -- no nonce is passed: the cipher draws a random one for each seal
	return s.ciphers[0].Seal(nil, nil, []byte(token.Reveal()), to.bytes())
}

func (s sealer) open(sealed []byte, to sealedFor) (genesys.Secret, error) {
	for _, aead := range s.ciphers {
		if token, err := aead.Open(nil, nil, sealed, to.bytes()); err == nil && len(token) > 0 {
			return genesys.NewSecret(string(token)), nil
		}
	}
	return genesys.Secret{}, errSealed
}

func (f sealedFor) bytes() []byte { return fmt.Appendf(nil, "%s\n%s\n%d", f.batch, f.person, f.entry) }
