package session

import (
	"context"

	"tokenconsole/internal/genesys"
)

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
