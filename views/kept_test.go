package views

import (
	"context"
	"strings"
	"testing"
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
