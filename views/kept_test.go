package views

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

// TestNavigationIsKeptApart holds that what is kept of one navigation is never shown for another.
func TestNavigationIsKeptApart(t *testing.T) {
	t.Parallel()
	base := NavItem{Label: "Record", Href: "/audit"}
	seen := map[string]string{}
	for name, change := range map[string]func(*NavItem){
		"as it is": func(*NavItem) {}, "another label": func(i *NavItem) { i.Label = "Audit" }, "another way": func(i *NavItem) { i.Href = "/record" },
		"here": func(i *NavItem) { i.Current = true }, "in the menu": func(i *NavItem) { i.More = true },
		"gives way": func(i *NavItem) { i.GivesWay = true }, "one waits": func(i *NavItem) { i.Count = 1 }, "two wait": func(i *NavItem) { i.Count = 2 },
	} {
		item := base
		change(&item)
		items := []NavItem{item}
		for range 2 {
			var b strings.Builder
			if err := kept(keyOf(items), navigation(items)).Render(context.Background(), &b); err != nil {
				t.Fatal(err)
			}
			if other, ok := seen[b.String()]; ok && other != name {
				t.Errorf("%s looks like %s", name, other)
			}
			seen[b.String()] = name
		}
	}
}

// TestKeptIsBounded holds that keys without end take no memory without end.
func TestKeptIsBounded(t *testing.T) {
	t.Parallel()
	for i := range 3 * maxKept {
		keep(strings.Repeat("x", i), nil)
		parts.mu.RLock()
		n := len(parts.rendered)
		parts.mu.RUnlock()
		if n > maxKept {
			t.Fatalf("%d parts are kept", n)
		}
	}
}

// TestPartsKnowNoRequest holds that what is kept for everybody takes nothing from the request it is first rendered for,
// and that one which was given up keeps nothing from being rendered.
func TestPartsKnowNoRequest(t *testing.T) {
	t.Parallel()
	type key struct{}
	part := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		_, err := fmt.Fprint(w, ctx.Value(key{}), ctx.Err())
		return err
	})
	ctx, giveUp := context.WithCancel(context.WithValue(context.Background(), key{}, "Ada"))
	giveUp()
	for name, shared := range map[string]templ.Component{
		"by key":   kept("TestPartsKnowNoRequest", part),
		"constant": &constant{of: func() templ.Component { return part }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			if err := shared.Render(ctx, &b); err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprint(nil, nil); b.String() != want {
				t.Errorf("%s, want %s", b.String(), want)
			}
		})
	}
}
