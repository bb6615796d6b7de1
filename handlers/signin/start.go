package signin

import (
	"context"
	"errors"
	"slices"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
	"tokenconsole/session"
)

// kept are the permissions that a session remembers.
var kept = []string{
	genesys.PermissionDeleteToken, genesys.PermissionViewUser, genesys.PermissionAdminOrg,
	genesys.PermissionViewClient, genesys.PermissionEditClient,
	genesys.PermissionViewQueue, genesys.PermissionViewTeam, genesys.PermissionViewRole,
	genesys.PermissionEditUser, genesys.PermissionDisassociateStation, genesys.PermissionViewPresenceDefinition,
	genesys.PermissionViewVerifier, genesys.PermissionDeleteVerifier,
}

// keptScopes are the scopes that a session remembers: those of its token that pages
// tell about, and one that every token here has, to know that any were told.
var keptScopes = []string{"user-basic-info", genesys.ScopeUsers, genesys.ScopePresence}

// startSession finds out whose token it is and what it is for, and makes a new
// session of it. A sign-in that cannot be recorded is refused.
func (s *Room) startSession(v *request.Visit, domain string, grant login.Grant) error {
	var (
		me   genesys.UserMe
		info genesys.TokenInfo
	)
	client := s.client(domain)
	err := genesys.Together(v.Context(),
		func(ctx context.Context) (err error) {
			me, err = client.GetUsersMe(ctx, grant.AccessToken)
			return err
		},
		func(ctx context.Context) (err error) {
			info, err = client.GetTokensMe(ctx, grant.AccessToken, genesys.ResetIdle)
			return err
		})
	if err != nil {
		return err
	}
	if me.ID.IsZero() {
		return &genesys.NoAnswerError{Operation: "GetUsersMe", Sent: true, Err: errors.New("the reply names nobody")}
	}
	replaced := v.Held()
	v.Session, err = s.Sessions.Start(v.Writer, v.Request, newSession(domain, grant, me, info, v.Now()))
	if err != nil {
		return err
	}
	done := request.Entry(v, audit.SignIn)
	done.Outcome, done.Token = audit.Done, grant.AccessToken.Fingerprint()
	if _, err := s.Log.Append(context.WithoutCancel(v.Context()), done); err != nil {
		s.End(v)
		return err
	}
	if replaced.ID != "" {
		s.Keeper.Retire(v, replaced)
	}
	return nil
}

// newSession is what the platform told about a token and its person.
func newSession(domain string, grant login.Grant, me genesys.UserMe, info genesys.TokenInfo, now time.Time) session.Session {
	sess := session.Session{
		AccessToken:  grant.AccessToken,
		RefreshToken: grant.RefreshToken,
		TokenIssued:  now,
		TokenExpiry:  grant.Expiry,
		Region:       domain,
		Person:       session.Person{ID: me.ID, Name: me.Name, Email: me.Email},
		Organization: info.Organization,
		Home:         info.HomeOrganization,
		Skew:         skew(me.Date.CurrentDate, now),
	}
	if sess.Organization.ID == "" {
		sess.Organization = me.Organization
	}
	for _, permission := range kept {
		if slices.Contains(me.Authorization.Permissions, permission) {
			sess.Person.Permissions = append(sess.Person.Permissions, permission)
		}
	}
	for _, scope := range keptScopes {
		if slices.Contains(info.AuthorizedScope, scope) {
			sess.Person.Scopes = append(sess.Person.Scopes, scope)
		}
	}
	return sess
}

// skewTolerance is how far the platform's clock may be from ours before it is
// worth a word.
const skewTolerance = 2 * time.Minute

// skew is how far this machine's clock is ahead of the platform's, if by much.
func skew(platform, here time.Time) time.Duration {
	if d := here.Sub(platform).Round(time.Second); !platform.IsZero() && d.Abs() > skewTolerance {
		return d
	}
	return 0
}

// discard deletes a token that no session will hold, if there is one.
func (s *Room) discard(v *request.Visit, domain string, token genesys.Secret) {
	if token.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.Context()), 3*time.Second)
	defer cancel()
	if _, err := s.client(domain).DeleteTokensMe(ctx, token); err != nil {
		v.Log().Warn("a token that no session holds could not be deleted", "token", token.Fingerprint(), "error", err.Error())
	}
}
