package handlers_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
)

// route is a line of the route table: how it is registered, and its pattern.
type route struct{ kind, method, path string }

// routeTable reads the routes from the source of the table itself, so that no
// new one can be forgotten here.
func routeTable(t *testing.T) []route {
	t.Helper()
	source, err := os.ReadFile("routes.go")
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), "routes.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	var routes []route
	for _, declaration := range file.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok || function.Name.Name != "routes" {
			continue
		}
		for _, statement := range function.Body.List {
			call, ok := statement.(*ast.ExprStmt).X.(*ast.CallExpr)
			if !ok {
				t.Fatal("the route table holds something else than routes")
			}
			method, path, _ := strings.Cut(pattern(call.Args[0]), " ")
			routes = append(routes, route{call.Fun.(*ast.SelectorExpr).Sel.Name, method, strings.TrimSuffix(path, "{$}")})
		}
	}
	if len(routes) < 17 {
		t.Fatalf("only %d routes were found", len(routes))
	}
	return routes
}

// pattern is a string literal, or one with the callback's path added.
func pattern(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.BinaryExpr:
		return pattern(e.X) + pattern(e.Y)
	}
	return "/oauth/callback"
}

// example is a path that the route matches.
func (r route) example(ts *testServer) string {
	return strings.NewReplacer("{id}", ts.userID(agent), "{file}", "app.css").Replace(r.path)
}

func TestEverySignedInRouteSignedOut(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.newBrowser()
	signedIn := 0
	for _, route := range routeTable(t) {
		path := route.example(ts)
		switch route.kind {
		case "public":
			continue
		case "signedIn", "permitted", "background":
			signedIn++
		default:
			t.Errorf("%s is registered by %s, which no test knows", path, route.kind)
		}
		if route.method == http.MethodPost {
			b.post(path, url.Values{"reason": {"x"}, "token": {"abcdefghijklmnopqrstuvwxyz"}}).wantTo("/login?return_to=%2F")
		} else {
			a := b.get(path + "?a=%26").wantTo("/login?return_to=" + url.QueryEscape(path+"?a=%26"))
			if len(a.Cookies()) > 0 {
				t.Errorf("%s sets a cookie", path)
			}
			b.get(path, "Accept", "application/json").want(http.StatusUnauthorized)
			b.do(b.request(http.MethodHead, path, nil)).want(http.StatusSeeOther)
		}
	}
	if signedIn < 8 {
		t.Errorf("only %d routes need a sign-in", signedIn)
	}
	ts.wantAsked(0, "")
}

func TestR9_EveryPermittedRouteWithoutPermission(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(agent)
	ts.forget()
	for _, route := range routeTable(t) {
		if route.kind != "permitted" {
			continue
		}
		var a *answer
		if route.method == http.MethodPost {
			a = b.post(route.example(ts), reason)
		} else {
			a = b.get(route.example(ts))
		}
		a.want(http.StatusForbidden).wantText("is missing from your role")
	}
	ts.wantAsked(0, "")
}

func TestR1_EveryPostIsGuarded(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(admin)
	ts.forget()
	for _, route := range routeTable(t) {
		if route.method != http.MethodPost {
			continue
		}
		for _, headers := range [][]string{{}, {"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "same-site"}} {
			r := b.request(http.MethodPost, route.example(ts), strings.NewReader("reason=x"), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
			if a := b.do(r).want(http.StatusForbidden); len(a.Cookies()) > 0 {
				t.Errorf("%s sets a cookie", route.path)
			}
		}
		for kind, status := range map[string]int{
			"text/plain": 415, "multipart/form-data; boundary=x": 415, "application/json": 415, "": 415, "application/x-www-form-urlencoded; charset": 415,
			"application/x-www-form-urlencoded;;": 415,
		} {
			if a := b.post(route.example(ts), url.Values{"reason": {"x"}}, "Content-Type", kind); a.StatusCode != status {
				t.Errorf("%s with %q: %d", route.path, kind, a.StatusCode)
			}
		}
		b.post(route.example(ts), url.Values{"reason": {strings.Repeat("x", 70_000)}}).want(http.StatusRequestEntityTooLarge)
		b.post(route.example(ts), url.Values{"reason": {"a", "b"}}).want(http.StatusBadRequest)
		broken := b.request(http.MethodPost, route.example(ts), strings.NewReader("reason=%zz"), "Content-Type", "application/x-www-form-urlencoded", "Origin", ts.public.String())
		b.do(broken).want(http.StatusBadRequest)
	}
	ts.wantAsked(0, "")
	if !b.isSignedIn() {
		t.Error("one of them signed out")
	}
}

func TestMethods_AllowOnEveryRoute(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(admin)
	methods := map[string][]string{}
	for _, route := range routeTable(t) {
		methods[route.path] = append(methods[route.path], route.method)
	}
	for _, route := range routeTable(t) {
		a := b.do(b.request(http.MethodPut, route.example(ts), nil, "Origin", ts.public.String())).want(http.StatusMethodNotAllowed)
		for _, method := range methods[route.path] {
			if !strings.Contains(a.Header.Get("Allow"), method) {
				t.Errorf("%s: Allow is %q", route.path, a.Header.Get("Allow"))
			}
		}
		a.wantText("Nothing was changed")
	}
}
