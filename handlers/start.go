package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
	"tokenconsole/session"
)

// kept are the permissions that a session remembers.
var kept = []string{genesys.PermissionDeleteToken, genesys.PermissionViewUser, genesys.PermissionAdminOrg}

// startSession finds out whose token it is and what it is for, and makes a new
// session of it.
func (s *Server) startSession(w http.ResponseWriter, r *http.Request, domain string, grant login.Grant) error {
	var (
		me   genesys.UserMe
		info genesys.TokenInfo
	)
	client := s.clients[domain]
	err := together(r.Context(),
		func(ctx context.Context) (err error) { me, err = client.GetUsersMe(ctx, grant.AccessToken); return },
		func(ctx context.Context) (err error) {
			info, err = client.GetTokensMe(ctx, grant.AccessToken, genesys.ResetIdle)
			return
		})
	if err != nil {
		return err
	}
	if me.ID.IsZero() {
		return &genesys.NoAnswerError{Operation: "GetUsersMe", Sent: true, Err: errors.New("the reply names nobody")}
	}
	sess, err := s.sessions.Start(w, r, s.newSession(domain, grant, me, info))
	if err != nil {
		return err
	}
	note(r, sess)
	done := s.entry(r, sess, audit.SignIn)
	done.Outcome, done.Detail = audit.Done, "token "+grant.AccessToken.Fingerprint()
	if _, err := s.record(r, done); err != nil {
		s.sessions.End(w, sess)
		return err
	}
	return nil
}

// newSession is what the platform told about a token and its person.
func (s *Server) newSession(domain string, grant login.Grant, me genesys.UserMe, info genesys.TokenInfo) session.Session {
	sess := session.Session{
		AccessToken:  grant.AccessToken,
		RefreshToken: grant.RefreshToken,
		TokenExpiry:  grant.Expiry,
		Region:       domain,
		Person:       session.Person{ID: me.ID, Name: me.Name, Email: me.Email},
		Organization: info.Organization,
		Home:         info.HomeOrganization,
		Skew:         skew(me.Date.CurrentDate, s.now()),
	}
	if sess.Organization.ID == "" {
		sess.Organization = me.Organization
	}
	for _, permission := range kept {
		if slices.Contains(me.Authorization.Permissions, permission) {
			sess.Person.Permissions = append(sess.Person.Permissions, permission)
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

// discard deletes a token that no session will hold.
func (s *Server) discard(ctx context.Context, domain string, token genesys.Secret) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if _, err := s.clients[domain].DeleteTokensMe(ctx, token); err != nil {
		s.log.Warn("a token that no session holds could not be deleted", "token", token.Fingerprint(), "error", err.Error())
	}
}
