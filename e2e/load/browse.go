package main

import (
	"context"
	"errors"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// visitor is somebody with a browser of their own.
type visitor struct {
	*soaking
	client *http.Client
	email  string
}

// browse is one person's day: in, around, out, and again, until ctx ends. Every
// fourth person may revoke.
func (s *soaking) browse(ctx context.Context, n int) {
	for s.think(ctx) {
		jar, _ := cookiejar.New(nil) // never fails
		v := &visitor{soaking: s, client: &http.Client{Jar: jar, Timeout: 70 * time.Second}}
		switch n % 4 {
		case 0:
			v.email = "supervisor@demo.example"
		case 1:
			v.email = "admin@demo.example"
		}
		if v.signIn(ctx) {
			v.around(ctx, n%4 < 2)
		}
		v.client.CloseIdleConnections()
	}
}

// around is what somebody does who has signed in.
func (v *visitor) around(ctx context.Context, administers bool) {
	for range 3 + rand.IntN(5) { // #nosec G404 -- not a secret
		if !v.think(ctx) {
			return
		}
		page := []string{"/", "/token", "/audit", "/timeout"}[rand.IntN(4)] // #nosec G404
		if administers && rand.IntN(2) == 0 {                               // #nosec G404
			v.lookForSomebody(ctx)
			continue
		}
		v.get(ctx, page)
	}
	if administers && rand.IntN(3) == 0 { // #nosec G404
		v.revokeSomebody(ctx)
	}
	v.post(ctx, "/logout", nil)
}

var (
	personPath = regexp.MustCompile(`/users/[0-9a-f-]{36}`)
	formAction = regexp.MustCompile(`<form method="post" action="([^"]+)"`)
	anyEmail   = regexp.MustCompile(`name="email" value="([^"]+)"`)
)

func (v *visitor) lookForSomebody(ctx context.Context) {
	body := v.get(ctx, "/users?q="+string(rune('a'+rand.IntN(26)))+string("aeiou"[rand.IntN(5)])) // #nosec G404
	found := personPath.FindAllString(body, -1)
	if len(found) == 0 {
		return
	}
	someone := found[rand.IntN(len(found))] // #nosec G404
	v.get(ctx, someone)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.people = append(v.people[:min(len(v.people), 200)], someone)
}

func (v *visitor) revokeSomebody(ctx context.Context) {
	v.mu.Lock()
	people := v.people
	v.mu.Unlock()
	if len(people) > 0 {
		someone := people[rand.IntN(len(people))] // #nosec G404
		v.get(ctx, someone+"/revoke")
		v.post(ctx, someone+"/revoke", url.Values{"reason": {"Soak test"}, "ticket": {"SOAK-1"}})
	}
}

// signIn goes through the console's sign-in page and the platform's.
func (v *visitor) signIn(ctx context.Context) bool {
	chooser := v.post(ctx, "/login", url.Values{"return_to": {"/token"}})
	action := formAction.FindStringSubmatch(chooser)
	if action == nil {
		return false
	}
	if all := anyEmail.FindAllStringSubmatch(chooser, -1); v.email == "" && len(all) > 0 {
		v.email = html.UnescapeString(all[3+rand.IntN(len(all)-3)][1]) // #nosec G404
	}
	target := html.UnescapeString(action[1])
	if strings.HasPrefix(target, "/") {
		target = v.platform + target
	}
	v.send(ctx, http.MethodPost, target, url.Values{"email": {v.email}})
	return true
}

func (v *visitor) get(ctx context.Context, path string) string {
	return v.send(ctx, http.MethodGet, v.console+path, nil)
}

func (v *visitor) post(ctx context.Context, path string, form url.Values) string {
	return v.send(ctx, http.MethodPost, v.console+path, form)
}

// send sends a request, follows where it leads, notes the answer and returns it.
func (v *visitor) send(ctx context.Context, method, target string, form url.Values) string {
	request, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(form.Encode()))
	if err != nil {
		v.note(target, 0, err)
		return ""
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	response, err := v.client.Do(request)
	if err != nil {
		if ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
			v.note(method+" "+target, 0, err)
		}
		return ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if ctx.Err() != nil {
		return ""
	}
	where := response.Request.URL.Path
	v.note(method+" "+where, response.StatusCode, err)
	return string(body)
}
