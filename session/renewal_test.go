package session

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
)

func granted(access, refresh string) login.Grant {
	return login.Grant{AccessToken: genesys.NewSecret(access), RefreshToken: genesys.NewSecret(refresh), Expiry: noon.Add(time.Hour)}
}

// The newest token of a session is known to whoever has any of its refresh tokens, at every replica, and to nobody else.
func TestRenewals(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		at := &clock{noon}
		one, other := newStore(t, at, func(o *Options) { o.DB = db }), newStore(t, at, func(o *Options) { o.DB = db })
		s := typical(t)
		s.AccessToken, s.RefreshToken = genesys.NewSecret("access-1"), genesys.NewSecret("refresh-1")
		keep := func(refresh string, g login.Grant) {
			t.Helper()
			if err := one.KeepRenewal(t.Context(), genesys.NewSecret(refresh), g); err != nil {
				t.Fatal(err)
			}
		}
		want := func(st *Store, access string) {
			t.Helper()
			got, err := st.Newest(t.Context(), s)
			if err != nil || got.AccessToken.Reveal() != access {
				t.Fatalf("the newest is %s, %v; want %s", got.AccessToken.Reveal(), err, access)
			}
			opaque := []cmp.Option{cmp.AllowUnexported(genesys.UserID{}), cmpopts.IgnoreFields(Session{}, "AccessToken", "RefreshToken", "TokenIssued", "TokenExpiry")}
			if diff := cmp.Diff(s, got, opaque...); diff != "" {
				t.Errorf("something else changed:\n%s", diff)
			}
		}
		want(other, "access-1")
		keep("refresh-1", granted("access-2", "refresh-2"))
		keep("refresh-2", granted("access-3", "")) // the platform gave no other refresh token
		want(other, "access-3")
		keep("refresh-2", granted("access-4", ""))
		want(other, "access-4")
		rotated := newStore(t, at, func(o *Options) { o.DB, o.Keys = db, [][]byte{keyTwo, keyOne} })
		want(rotated, "access-4")
		stranger := newStore(t, at, func(o *Options) { o.DB, o.Keys = db, [][]byte{keyTwo} })
		want(stranger, "access-1")
		var sealed []byte
		if err := db.QueryRowContext(t.Context(), "SELECT sealed FROM renewals LIMIT 1").Scan(&sealed); err != nil || bytes.Contains(sealed, []byte("access")) {
			t.Errorf("kept is %q, %v", sealed, err)
		}
		at.pass(12*time.Hour + time.Second)
		if err := one.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		want(other, "access-1")
	})
}

func TestRenewalsWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.SQLite(t))
	st := newStore(t, &clock{noon}, func(o *Options) { o.DB = db })
	s := typical(t)
	s.RefreshToken = genesys.NewSecret("refresh-1")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := st.Newest(t.Context(), s); !errors.Is(err, ErrUnavailable) || got.AccessToken != s.AccessToken {
		t.Errorf("the newest is %s, %v", got.AccessToken.Reveal(), err)
	}
	if err := st.KeepRenewal(t.Context(), s.RefreshToken, granted("a", "b")); !errors.Is(err, ErrUnavailable) {
		t.Errorf("kept: %v", err)
	}
}
