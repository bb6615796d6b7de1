package static

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// layers is the order in which the files under css/ win over each other: the
// later layer does, whichever file it stands in.
const layers = "@layer tokens, base, layout, parts, pages, modes, print;\n"

// styleSheet puts files under css/ together, without the comments and the
// indentation.
func styleSheet(names []string) string {
	var sheet strings.Builder
	for _, name := range names {
		sheet.WriteString(tidy(comment.ReplaceAllString(read("css/"+name+".css"), "")))
	}
	return sheet.String()
}

var (
	comment  = regexp.MustCompile(`(?s)/\*.*?\*/`)
	remark   = regexp.MustCompile(`(?m)^\s*//.*$`)
	imported = regexp.MustCompile(`(?m)^import (?:(.+) from )?"\./([a-z]+)\.js";$`)
	exported = regexp.MustCompile(`(?m)^export ((?:const|function) ([\w$]+))`)
)

// script puts modules under js/ together as one. Each keeps its names to itself,
// and hands what it exports to those after it. The common ones that others import
// from are exported by the whole; the rest imports them from its URL.
func script(names []string, commonURL string) string {
	var whole strings.Builder
	if commonURL != "" {
		fmt.Fprintf(&whole, "import { page, times } from \"./%s\";\n", path.Base(commonURL))
	}
	for _, name := range names {
		source := imported.ReplaceAllStringFunc(read("js/"+name+".js"), func(line string) string {
			if parts := imported.FindStringSubmatch(line); parts[1] != "" {
				return fmt.Sprintf("const %s = %s;", parts[1], parts[2])
			}
			return "" // it stands before
		})
		var exports []string
		for _, found := range exported.FindAllStringSubmatch(source, -1) {
			exports = append(exports, found[2])
		}
		if len(exports) > 0 {
			fmt.Fprintf(&whole, "const %s = ", name)
			source += "return { " + strings.Join(exports, ", ") + " };"
		}
		source = exported.ReplaceAllString(source, "$1")
		fmt.Fprintf(&whole, "(() => {\n%s})();\n", tidy(remark.ReplaceAllString(source, "")))
	}
	if commonURL == "" {
		whole.WriteString("export { page, times };\n")
	}
	return whole.String()
}

// tidy is text without indentation and empty lines.
func tidy(text string) string {
	var tidied strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			tidied.WriteString(line + "\n")
		}
	}
	return tidied.String()
}

func read(name string) string {
	content, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(content)
}
