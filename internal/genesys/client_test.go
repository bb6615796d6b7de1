package genesys

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const correlation = "5a8f3c1e-1111-4222-8333-944455556666"

// clientOf returns a client of an API that handler answers for.
func clientOf(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	transport := NewTransport()
	t.Cleanup(func() { transport.CloseIdleConnections(); server.Close() })
	return NewClient(server.URL, transport)
}

// answering returns a client of an API that always gives one answer.
func answering(t *testing.T, status int, kind, body string, headers ...string) *Client {
	t.Helper()
	return clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("ININ-Correlation-Id", correlation)
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

var bearer = NewSecret(credential)

// operations are all calls of the client, without their results.
func operations(t *testing.T) map[string]func(context.Context, *Client) error {
	id := userID(t, someone)
	return map[string]func(context.Context, *Client) error{
		"GET /api/v2/tokens/me": func(ctx context.Context, c *Client) error {
			_, err := c.GetTokensMe(ctx, bearer, ResetIdle)
			return err
		},
		"GET /api/v2/tokens/me?preserveIdleTTL=true": func(ctx context.Context, c *Client) error {
			_, err := c.GetTokensMe(ctx, bearer, PreserveIdle)
			return err
		},
		"HEAD /api/v2/tokens/me":           func(ctx context.Context, c *Client) error { _, err := c.HeadTokensMe(ctx, bearer); return err },
		"DELETE /api/v2/tokens/me":         func(ctx context.Context, c *Client) error { _, err := c.DeleteTokensMe(ctx, bearer); return err },
		"DELETE /api/v2/tokens/" + someone: func(ctx context.Context, c *Client) error { _, err := c.DeleteToken(ctx, bearer, id); return err },
		"GET /api/v2/tokens/timeout":       func(ctx context.Context, c *Client) error { _, err := c.GetTokensTimeout(ctx, bearer); return err },
		"PUT /api/v2/tokens/timeout": func(ctx context.Context, c *Client) error {
			_, err := c.PutTokensTimeout(ctx, bearer, IdleTokenTimeout{Seconds: 900, Enabled: true})
			return err
		},
		"GET /api/v2/organizations/authentication/settings": func(ctx context.Context, c *Client) error {
			_, err := c.GetOrganizationsAuthenticationSettings(ctx, bearer)
			return err
		},
		"GET /api/v2/groups?id=g1&id=g2&pageSize=100": func(ctx context.Context, c *Client) error {
			_, err := c.GetGroups(ctx, bearer, []string{"g1", "g2"})
			return err
		},
		"GET /api/v2/users/" + someone + "?expand=lasttokenissued&expand=dateLastLogin&expand=presence&expand=routingStatus&expand=station": func(ctx context.Context, c *Client) error {
			_, err := c.GetUser(ctx, bearer, id)
			return err
		},
		"GET /api/v2/users?expand=lasttokenissued&expand=dateLastLogin&expand=presence&expand=routingStatus&id=" + someone + "&pageSize=100&state=any": func(ctx context.Context, c *Client) error {
			_, err := c.GetUsers(ctx, bearer, []UserID{id})
			return err
		},
		"GET /api/v2/users/me?expand=authorization&expand=organization&expand=date": func(ctx context.Context, c *Client) error {
			_, err := c.GetUsersMe(ctx, bearer)
			return err
		},
		"POST /api/v2/users/search": func(ctx context.Context, c *Client) error {
			_, err := c.PostUsersSearch(ctx, bearer, UserSearch{PageSize: 25, Query: []SearchCriterion{{Type: "EXACT", Fields: []string{"email"}, Value: "a@b.example"}}})
			return err
		},
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{
		"PUT /api/v2/tokens/timeout": `{"idleTokenTimeoutSeconds":900,"enableIdleTokenTimeout":true}`,
		"POST /api/v2/users/search":  `{"pageSize":25,"pageNumber":0,"query":[{"type":"EXACT","fields":["email"],"value":"a@b.example"}]}`,
	}
	for want, call := range operations(t) {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			var got []string
			var header http.Header
			var body string
			client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
				content, _ := io.ReadAll(r.Body)
				got, header, body = append(got, r.Method+" "+r.RequestURI), r.Header, string(content)
				w.Header().Set("Content-Type", "application/json; charset=utf-8")
				_, _ = io.WriteString(w, `{"id":"`+someone+`"}`)
			})
			if err := call(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]string{want}, got); d != "" {
				t.Errorf("asked for, -want +got:\n%s", d)
			}
			if d := cmp.Diff(bodies[want], body); d != "" {
				t.Errorf("body, -want +got:\n%s", d)
			}
			kind := ""
			if body != "" {
				kind = "application/json"
			}
			wantHeader := map[string]string{"Authorization": "Bearer " + credential, "Accept": "application/json", "Content-Type": kind, "Cookie": ""}
			for name, value := range wantHeader {
				if header.Get(name) != value {
					t.Errorf("%s: %q, want %q", name, header.Get(name), value)
				}
			}
		})
	}
}

func TestNoBearerWithoutToken(t *testing.T) {
	t.Parallel()
	client := clientOf(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.Header["Authorization"] != nil {
			t.Errorf("Authorization: %q", r.Header["Authorization"])
		}
	})
	if _, err := client.HeadTokensMe(t.Context(), Secret{}); err != nil {
		t.Error(err)
	}
}

// TestNobodyIsNeverSent holds that the zero UserID, whose path would be that of
// another operation, reaches no API.
func TestNobodyIsNeverSent(t *testing.T) {
	t.Parallel()
	client := clientOf(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("sent %s %s", r.Method, r.URL) })
	if _, err := client.DeleteToken(t.Context(), bearer, UserID{}); !errors.Is(err, ErrUserID) || OutcomeUnknown(err) {
		t.Errorf("DeleteToken: %v, outcome unknown: %t", err, OutcomeUnknown(err))
	}
	if _, err := client.GetUser(t.Context(), bearer, UserID{}); !errors.Is(err, ErrUserID) {
		t.Errorf("GetUser: %v", err)
	}
}

// TestGroupsNotAskedFor holds that a group appears under its own id only, and
// that nothing is asked for no groups.
func TestGroupsNotAskedFor(t *testing.T) {
	t.Parallel()
	client := answering(t, 200, "application/json", `{"entities":[{"id":"g1","name":"One"},{"id":"g3","name":"Three"}]}`)
	got, err := client.GetGroups(t.Context(), bearer, []string{"g1", "g2"})
	if d := cmp.Diff([]Named{{"g1", "One"}}, got); d != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, d)
	}
	if got, err := NewClient("http://bad host", http.DefaultTransport).GetGroups(t.Context(), bearer, nil); got != nil || err != nil {
		t.Errorf("for none: %v, %v", got, err)
	}
}

// TestAnotherUser holds that a reply about somebody else than was asked about is
// no answer (R17): nobody is named that the next call is not about.
func TestAnotherUser(t *testing.T) {
	t.Parallel()
	const other = "018f3c1e-0000-7000-8000-000000000001"
	id := userID(t, someone)
	calls := map[string]func(*Client) error{
		"GetUser":    func(c *Client) error { _, err := c.GetUser(t.Context(), bearer, id); return err },
		"GetUsers":   func(c *Client) error { _, err := c.GetUsers(t.Context(), bearer, []UserID{id}); return err },
		"GetUsersMe": func(c *Client) error { _, err := c.GetUsersMe(t.Context(), bearer); return err },
	}
	for name, test := range map[string]struct{ call, reply string }{
		"another person":          {"GetUser", `{"id":"` + other + `","name":"Another"}`},
		"nobody":                  {"GetUser", `{"name":"Another"}`},
		"a person too many":       {"GetUsers", `{"entities":[{"id":"` + someone + `"},{"id":"` + other + `"}]}`},
		"nobody among the people": {"GetUsers", `{"entities":[{"name":"Another"}]}`},
		"nobody as oneself":       {"GetUsersMe", `{"name":"Another"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := calls[test.call](answering(t, 200, "application/json", test.reply))
			if !errors.Is(err, ErrAnotherUser) || !errors.Is(err, ErrNoAnswer) || CorrelationID(err) != correlation {
				t.Errorf("%s: %v", test.call, err)
			}
		})
	}
}

// TestAnotherUserAmongTheDeleted holds the same for the second question.
func TestAnotherUserAmongTheDeleted(t *testing.T) {
	t.Parallel()
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Query().Get("state") == "" {
			w.WriteHeader(404)
		}
		_, _ = io.WriteString(w, `{"id":"018f3c1e-0000-7000-8000-000000000001"}`)
	})
	if u, err := client.GetUser(t.Context(), bearer, userID(t, someone)); !errors.Is(err, ErrAnotherUser) || !u.ID.IsZero() {
		t.Errorf("%+v, %v", u, err)
	}
}

// A person who is not among the living is looked for among the deleted, and may be nowhere.
func TestDeletedPerson(t *testing.T) {
	t.Parallel()
	for found, want := range map[bool]error{true: nil, false: ErrNotFound} {
		client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if !found || r.URL.Query().Get("state") != "deleted" {
				w.WriteHeader(404)
			}
			_, _ = io.WriteString(w, `{"id":"`+someone+`"}`)
		})
		if u, err := client.GetUser(t.Context(), bearer, userID(t, someone)); !errors.Is(err, want) || u.ID.IsZero() == found {
			t.Errorf("found: %t: %+v, %v", found, u, err)
		}
	}
}

func TestReceipt(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 202, 204} {
		body := `{"unexpected": "but the platform's"}`
		if status == 204 {
			body = ""
		}
		client := answering(t, status, "application/json", body)
		receipt, err := client.DeleteToken(t.Context(), bearer, userID(t, someone))
		if err != nil || receipt.Status != status || receipt.CorrelationID != correlation || receipt.At.IsZero() {
			t.Errorf("status %d: %+v, %v", status, receipt, err)
		}
	}
}

// TestForeignPageConfirmsNothing holds that a page of something in between, such
// as a guest network, is no answer of the platform (R13).
func TestForeignPageConfirmsNothing(t *testing.T) {
	t.Parallel()
	client := answering(t, 200, "text/html", "<title>Welcome to our Wi-Fi</title>")
	if _, err := client.DeleteToken(t.Context(), bearer, userID(t, someone)); !OutcomeUnknown(err) {
		t.Errorf("%v, outcome unknown: %t", err, OutcomeUnknown(err))
	}
}

// TestRedirectIsNotFollowed holds that a platform, or whoever answers for it,
// cannot have the bearer sent to another host (R14).
func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("redirect followed: %s %s, Authorization %q", r.Method, r.URL, r.Header.Get("Authorization"))
	}))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{301, 302, 303, 307, 308, 300, 304} {
		client := answering(t, status, "text/plain", "", "Location", elsewhere.URL+"/api/v2/tokens/me")
		for name, call := range operations(t) {
			err := call(t.Context(), client)
			if !errors.Is(err, ErrNoAnswer) || CorrelationID(err) != correlation || !OutcomeUnknown(err) {
				t.Errorf("%s answered %d: %v", name, status, err)
			}
		}
	}
}

// TestUnusableReplies holds that a 2xx with something else than the API's reply
// is no answer (R13): no panic, no half-filled result taken for one.
func TestUnusableReplies(t *testing.T) {
	t.Parallel()
	const kind = "application/json"
	for name, reply := range map[string]struct{ kind, body string }{
		"nothing":      {kind, ""},
		"blanks":       {kind, "  \n"},
		"HTML":         {"text/html; charset=utf-8", "<!doctype html><title>Sign in</title>"},
		"JSON as text": {"text/plain", "{}"},
		"no type":      {"", "{}"},
		"HTML as JSON": {kind, "<!doctype html>"},
		"cut off":      {kind, `{"organization":{"id":"o"`},
		"two values":   {kind, "{}{}"},
		"wrong types": {kind, `{"organization":"text","id":7,"pageCount":"x","entities":{},"total":"x","idleTokenTimeoutSeconds":"x",` +
			`"inactivityTimeoutExclusions":"x"}`},
		"array":           {kind, "[]"},
		"number":          {kind, "1e999"},
		"deep":            {kind, strings.Repeat("[", 20_000)},
		"over the limit":  {kind, `{"name":"` + strings.Repeat("x", maxReply) + `"}`},
		"binary":          {kind, "\x00\xff\xfe\x1f\x8b"},
		"gzip that's not": {kind, "\x1f\x8b\x08garbage"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := answering(t, 200, reply.kind, reply.body)
			for operation, call := range operations(t) {
				if strings.HasPrefix(operation, "HEAD ") || strings.HasPrefix(operation, "DELETE ") {
					continue // expect nothing in the reply
				}
				err := call(t.Context(), client)
				if !errors.Is(err, ErrNoAnswer) || CorrelationID(err) != correlation {
					t.Errorf("%s: %v", operation, err)
				}
				if leaks(err.Error()) || len(err.Error()) > 400 {
					t.Errorf("%s: the error says too much: %.500s", operation, err)
				}
			}
		})
	}
}

// A reply may be as long as the limit, and not a byte longer.
func TestReplyAtTheLimit(t *testing.T) {
	t.Parallel()
	const around = len(`{"organization":{"id":"o","name":""}}`)
	for over := range 2 {
		body := `{"organization":{"id":"o","name":"` + strings.Repeat("x", maxReply-around) + `"}}` + strings.Repeat(" ", over)
		info, err := answering(t, 200, "application/json", body).GetTokensMe(t.Context(), bearer, ResetIdle)
		if over == 0 && (err != nil || info.Organization.ID != "o" || string(info.Raw) != body) || over > 0 && !errors.Is(err, ErrNoAnswer) {
			t.Errorf("a reply of %d bytes: %v", len(body), err)
		}
		body = "{}" + strings.Repeat(" ", 64<<10-2+over) // where none is expected
		if _, err := answering(t, 200, "application/json", body).DeleteTokensMe(t.Context(), bearer); OutcomeUnknown(err) != (over > 0) {
			t.Errorf("a reply of %d bytes, where none is expected: %v", len(body), err)
		}
	}
}

// Codes and correlation ids go to the record if they look like ones.
func TestCodesThatLookLikeOnes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ code, id bool }{
		"azAZ09-":                      {true, true},
		"a.b_c":                        {true, false},
		"":                             {true, true},
		strings.Repeat("x", 40):        {true, true},
		strings.Repeat("x", 41):        {false, true},
		strings.Repeat("x", 64):        {false, true},
		strings.Repeat("x", 65):        {false, false},
		strings.Repeat("x.", 32):       {true, false},
		"x" + strings.Repeat("x.", 32): {false, false},
		"a/b":                          {false, false},
		"a:b":                          {false, false},
		"a@b":                          {false, false},
		"a[b":                          {false, false},
		"a`b":                          {false, false},
		"a{b":                          {false, false},
		"a b":                          {false, false},
		"ä":                            {false, false},
	} {
		kept := map[bool]string{true: text}
		if got := machineCode(text); got != kept[want.code] {
			t.Errorf("code %q: %q", text, got)
		}
		if got := correlationID(text); got != kept[want.id] {
			t.Errorf("correlation id %q: %q", text, got)
		}
	}
}
