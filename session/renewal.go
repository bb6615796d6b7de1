package session

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
)

// A renewal is what a refresh token was traded for. It is kept in the database for whoever comes with a cookie of
// before: another replica, a request that was on its way, a browser that did not wait for its new cookie.
type renewal login.Grant

func (r *renewal) fields(c *codec) {
	c.secret(&r.AccessToken)
	c.secret(&r.RefreshToken)
	c.time(&r.Issued)
	c.time(&r.Expiry)
}

func renewalName(refresh genesys.Secret) string { return hashed("renewal", refresh.Reveal()) }

// ClaimRenewal reports whether this process is the one to use a refresh token, which
// the platform takes once: no replica has begun to within the last minute.
func (st *Store) ClaimRenewal(ctx context.Context, refresh genesys.Secret) (first bool, err error) {
	return st.ledger.claim(ctx, renewalName(refresh))
}

// ReleaseRenewal lets others use the refresh token: it was not used.
func (st *Store) ReleaseRenewal(ctx context.Context, refresh genesys.Secret) error {
	return st.ledger.release(ctx, renewalName(refresh))
}

// KeepRenewal remembers what a refresh token was traded for, until its session is over in any case.
func (st *Store) KeepRenewal(ctx context.Context, refresh genesys.Secret, g login.Grant) error {
	aead, err := renewalCipher(st.options.Keys[0], refresh)
	if err != nil {
		return err
	}
	kept := renewal(g)
	name, until := renewalName(refresh), st.options.Now().Add(st.options.Total)
	// #nosec G407 -- no nonce is passed: the cipher draws a random one for each seal
	sealed := aead.Seal(nil, nil, encode(&kept), []byte(name))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ledgerTimeout)
	defer cancel()
	const upsert = `INSERT INTO renewals (name, sealed, until) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, until = excluded.until`
	db := st.options.DB
	if _, err := db.ExecContext(ctx, db.Rebind(upsert), name, sealed, until.UnixMilli()); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil
}

// mostRenewals bounds how many renewals of one session are followed: more than fit into the longest one.
const mostRenewals = 1000

// Newest is s with the newest tokens that it was given, wherever it was renewed.
func (st *Store) Newest(ctx context.Context, s Session) (Session, error) {
	for range mostRenewals {
		used := s.RefreshToken
		if used.IsZero() {
			break
		}
		g, ok, err := st.renewal(ctx, used)
		if err != nil || !ok {
			return s, err
		}
		if s = s.Renewed(g); s.RefreshToken == used {
			break // it goes on being good: the latest renewal is kept under it
		}
	}
	return s, nil
}

// Renewed is s with the tokens that its refresh token was traded for.
func (s Session) Renewed(g login.Grant) Session {
	s.AccessToken, s.TokenIssued, s.TokenExpiry = g.AccessToken, g.Issued, g.Expiry
	if !g.RefreshToken.IsZero() {
		s.RefreshToken = g.RefreshToken
	}
	return s
}

// renewal returns what a refresh token was traded for, if it was.
func (st *Store) renewal(ctx context.Context, refresh genesys.Secret) (login.Grant, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, ledgerTimeout)
	defer cancel()
	name, db := renewalName(refresh), st.options.DB
	var sealed []byte
	err := db.QueryRowContext(ctx, db.Rebind(`SELECT sealed FROM renewals WHERE name = ?`), name).Scan(&sealed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return login.Grant{}, false, nil
	case err != nil:
		return login.Grant{}, false, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	for _, key := range st.options.Keys {
		aead, err := renewalCipher(key, refresh)
		if err != nil {
			return login.Grant{}, false, err
		}
		var kept renewal
		if content, err := aead.Open(nil, nil, sealed, []byte(name)); err == nil && decode(content, &kept) == nil {
			return login.Grant(kept), true, nil
		}
	}
	return login.Grant{}, false, nil // sealed with keys that are gone: nobody can open it
}

// renewalCipher seals what a refresh token was traded for. Whoever has the database and the session keys lacks the
// refresh token, which is in the browser's cookie alone.
func renewalCipher(key []byte, refresh genesys.Secret) (cipher.AEAD, error) {
	derived, err := hkdf.Key(sha256.New, key, []byte(refresh.Reveal()), "tokenconsole renewal", 32)
	if err != nil {
		return nil, fmt.Errorf("deriving the key of a renewal: %w", err)
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
