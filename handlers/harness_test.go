package handlers_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tokenconsole/internal/genesys"
	"tokenconsole/session"
)

// Most tests plant a session instead of signing in. It is what a sign-in makes.
func TestPlantedSessionIsThatOfASignIn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for _, email := range []string{admin, supervisor, agent, trustee} {
		t.Run(email, func(t *testing.T) {
			c := c.in(t)
			b := c.newBrowser()
			b.signIn(email).wantTo(home)
			planted, made := c.signedIn(email).session(), b.session()
			if planted.AccessToken == made.AccessToken || planted.RefreshToken.IsZero() != made.RefreshToken.IsZero() {
				t.Errorf("tokens %s and %s", planted.AccessToken.Fingerprint(), made.AccessToken.Fingerprint())
			}
			same := cmp.Comparer(func(a, b genesys.UserID) bool { return a == b })
			if diff := cmp.Diff(made, planted, same, cmpopts.IgnoreFields(session.Session{}, "ID", "AccessToken", "RefreshToken")); diff != "" {
				t.Errorf("-made +planted:\n%s", diff)
			}
		})
	}
}
