package handlers_test

import (
	"slices"
	"sync"
	"testing"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
)

// The emulator's people that the tests are about.
const (
	admin      = "admin@demo.example"      // Ada Park, who may do everything
	supervisor = "supervisor@demo.example" // Samuel Ortiz, who may find people and revoke
	agent      = "agent@demo.example"      // Mina Keller, who may nothing
	trustee    = "trustee@partner.example" // Tessa Lang, a supervisor from another organization
)

// people are these as a session remembers them. Every emulator makes the same
// people, so one is asked for all tests.
var people struct {
	sync.Mutex
	known map[string]session.Session
}

// sessionOf is a session of the person with that email address, as a sign-in
// makes it, without a token.
func sessionOf(t testing.TB, email string) session.Session {
	t.Helper()
	people.Lock()
	defer people.Unlock()
	s, ok := people.known[email]
	if !ok {
		s = askAbout(t, email)
		if people.known == nil {
			people.known = map[string]session.Session{}
		}
		people.known[email] = s
	}
	s.Person.Permissions = slices.Clone(s.Person.Permissions)
	return s
}

func askAbout(t testing.TB, email string) session.Session {
	t.Helper()
	p := platform{t: t, emulator: emulator.New(emulator.Options{})}
	client, token := genesys.NewClient("http://localhost", inProcess(p.emulator)), genesys.NewSecret(p.mint(email))
	me, err := client.GetUsersMe(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	info, err := client.GetTokensMe(t.Context(), token, genesys.PreserveIdle)
	if err != nil {
		t.Fatal(err)
	}
	s := session.Session{
		Region: "demo", Person: session.Person{ID: me.ID, Name: me.Name, Email: me.Email},
		Organization: info.Organization, Home: info.HomeOrganization,
	}
	for _, permission := range []string{
		genesys.PermissionDeleteToken, genesys.PermissionViewUser, genesys.PermissionAdminOrg,
		genesys.PermissionViewClient, genesys.PermissionEditClient,
		genesys.PermissionViewQueue, genesys.PermissionViewTeam, genesys.PermissionViewRole,
		genesys.PermissionEditUser, genesys.PermissionDisassociateStation, genesys.PermissionViewPresenceDefinition,
		genesys.PermissionViewVerifier, genesys.PermissionDeleteVerifier,
	} {
		if slices.Contains(me.Authorization.Permissions, permission) {
			s.Person.Permissions = append(s.Person.Permissions, permission)
		}
	}
	for _, scope := range []string{"user-basic-info", genesys.ScopeUsers, genesys.ScopePresence} {
		if slices.Contains(info.AuthorizedScope, scope) {
			s.Person.Scopes = append(s.Person.Scopes, scope)
		}
	}
	return s
}

// partyOf is the person with that email address as the record names them.
func partyOf(t testing.TB, email string) audit.Party {
	t.Helper()
	p := sessionOf(t, email).Person
	return audit.Party{ID: p.ID.String(), Name: p.Name, Email: p.Email}
}

// demo is the organization that all of them work in.
func demo(t testing.TB) audit.Organization {
	t.Helper()
	return audit.Organization(sessionOf(t, admin).Organization)
}
