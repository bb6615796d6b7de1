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

// sealer keeps tokens unreadable in the database. A sealed token opens only as the token of the batch and the person
// that it was sealed for.
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

func (s sealer) seal(token genesys.Secret, batch, person string) []byte {
	// #nosec G407 -- no nonce is passed: the cipher draws a random one for each seal
	return s.ciphers[0].Seal(nil, nil, []byte(token.Reveal()), sealedFor(batch, person))
}

func (s sealer) open(sealed []byte, batch, person string) (genesys.Secret, error) {
	for _, aead := range s.ciphers {
		if token, err := aead.Open(nil, nil, sealed, sealedFor(batch, person)); err == nil && len(token) > 0 {
			return genesys.NewSecret(string(token)), nil
		}
	}
	return genesys.Secret{}, errSealed
}

func sealedFor(batch, person string) []byte { return []byte(batch + "\n" + person) }
