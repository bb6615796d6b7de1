package static

import (
	"path"
	"regexp"
	"strings"
)

// layers is the order in which the files under css/ win over each other: the
// later layer does, whichever file it stands in.
const layers = "@layer tokens, base, layout, parts, pages, modes, print;\n"

// styleSheet puts the files under css/ together, one subject each. They go to
// the browser as one, without the comments and the indentation.
func styleSheet() string {
	var sheet strings.Builder
	sheet.WriteString(layers)
	for _, name := range names("css") {
		for line := range strings.Lines(comment.ReplaceAllString(read("css/"+name), "")) {
			if line = strings.TrimSpace(line); line != "" {
				sheet.WriteString(line + "\n")
			}
		}
	}
	return sheet.String()
}

var (
	comment    = regexp.MustCompile(`(?s)/\*.*?\*/`)
	importFrom = regexp.MustCompile(`(?m)^(import (?:.+ from )?")\./([a-z-]+\.js)(";)$`)
)

// module serves the script module called name after those that it imports, whose
// hashed names it has to know.
func module(name string) {
	if urls[name] != "" {
		return
	}
	content := importFrom.ReplaceAllStringFunc(read("js/"+name), func(line string) string {
		parts := importFrom.FindStringSubmatch(line)
		module(parts[2])
		return parts[1] + "./" + path.Base(urls[parts[2]]) + parts[3]
	})
	serve(name, content)
}

// names lists the files of a directory, in their order.
func names(dir string) []string {
	entries, err := files.ReadDir(dir)
	if err != nil {
		panic(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func read(name string) string {
	content, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(content)
}
