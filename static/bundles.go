package static

import "strings"

// bundle is what goes to the browser as one style sheet and one script module,
// called name. Every page has the first of them, and that of its kind.
type bundle struct {
	name    string
	styles  []string // files under css/
	modules []string // files under js/; one stands after those that it imports
}

const common = "app"

var bundles = []bundle{
	{
		name:    common,
		styles:  strings.Fields("tokens base frame bar buttons facts finder forms labels notices sheet table timeline modes print"),
		modules: strings.Fields("page times copy app session finder"),
	},
	{name: "act", modules: []string{"send", "drafts"}},
	{name: "batches", styles: []string{"tally", "batches"}, modules: []string{"batches", "send", "drafts"}},
	{name: "clients", styles: []string{"clients"}},
	{name: "home", styles: []string{"home", "acts", "tally"}},
	{name: "people", styles: []string{"people"}, modules: []string{"dialog", "people", "send", "drafts"}},
	{name: "person", styles: []string{"person", "acts"}, modules: []string{"dialog", "person", "send", "drafts"}},
	{name: "record", styles: []string{"record", "acts"}},
	{name: "signin", styles: []string{"welcome"}},
	{name: "token", styles: []string{"ways"}, modules: []string{"token"}},
	{name: "watch", styles: []string{"watch"}, modules: []string{"watch"}},
}

// Kind is what pages of one kind have besides what every page has: URLs, or ""
// where there is nothing of that sort.
func Kind(name string) (style, script string) { return urls[name+".css"], urls[name+".js"] }
