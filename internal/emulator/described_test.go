package emulator

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed testdata/platform.schema.json
var platformSchema []byte

// description is what the vendor publishes about its API, without the text: the
// members and types of every reply, and the codes of every error.
type description struct {
	Codes      map[string][]string `json:"codes"` // by status, for every operation
	Operations map[string]struct { // by method and path
		OK    map[string]*string  `json:"ok"`    // the definition of the reply by status; null for no body
		Codes map[string][]string `json:"codes"` // more than the general ones
	} `json:"operations"`

	schemas map[string]*jsonschema.Schema // by definition
}

var described = sync.OnceValue(func() *description {
	d := &description{schemas: map[string]*jsonschema.Schema{}}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(platformSchema))
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(platformSchema, d); err != nil {
		panic(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	const name = "file:///platform.schema.json"
	if err := compiler.AddResource(name, document); err != nil {
		panic(err)
	}
	for definition := range document.(map[string]any)["$defs"].(map[string]any) {
		d.schemas[definition] = compiler.MustCompile(name + "#/$defs/" + definition)
	}
	return d
})

// operation returns the operation that a request asks for. A literal path goes
// before one with a parameter.
func (d *description) operation(method, path string) (name string, ok bool) {
	if name = method + " " + path; d.has(name) {
		return name, true
	}
	segments := strings.Split(path, "/")
	for name := range d.Operations {
		m, template, _ := strings.Cut(name, " ")
		parts := strings.Split(template, "/")
		if m == method && slices.EqualFunc(parts, segments, func(part, segment string) bool {
			return part == segment || strings.HasPrefix(part, "{")
		}) {
			return name, true
		}
	}
	return "", false
}

func (d *description) has(operation string) bool {
	_, ok := d.Operations[operation]
	return ok
}

// check returns what is wrong with a reply of the log-in server or the API.
func (d *description) check(method, path string, status int, header http.Header, body []byte) error {
	if header.Get(correlationHeader) == "" {
		return fmt.Errorf("no %s", correlationHeader)
	}
	switch {
	case method == http.MethodOptions, path != "/oauth/token" && !strings.HasPrefix(path, "/api/"):
		return nil // a page, or no reply of the API
	case method == http.MethodHead:
		return nil // errors too have no body
	case path == "/oauth/token" && status == http.StatusOK:
		return d.valid("TokenReply", header, body)
	case path == "/oauth/token":
		return d.valid("TokenError", header, body)
	case status >= 400:
		return d.checkError(method, path, status, header, body)
	}
	name, ok := d.operation(method, path)
	if !ok {
		return fmt.Errorf("the vendor describes no %s %s", method, path)
	}
	definition, ok := d.Operations[name].OK[strconv.Itoa(status)]
	switch {
	case !ok:
		return fmt.Errorf("%s does not answer %d", name, status)
	case definition != nil:
		return d.valid(*definition, header, body)
	case len(body) > 0:
		return fmt.Errorf("%s answers without a body, here it is %s", name, body)
	}
	return nil
}

func (d *description) checkError(method, path string, status int, header http.Header, body []byte) error {
	if err := d.valid("ErrorBody", header, body); err != nil {
		return err
	}
	var e struct {
		Code, ContextID string
		Status          int
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return err
	}
	name, _ := d.operation(method, path)
	codes := append(slices.Clone(d.Codes[strconv.Itoa(status)]), d.Operations[name].Codes[strconv.Itoa(status)]...)
	switch {
	case !slices.Contains(codes, e.Code):
		return fmt.Errorf("%d does not carry the code %q, but one of %q", status, e.Code, codes)
	case e.Status != status:
		return fmt.Errorf("the status is %d, the body says %d", status, e.Status)
	case e.ContextID != header.Get(correlationHeader):
		return fmt.Errorf("contextId %q is not the correlation id", e.ContextID)
	}
	return nil
}

// valid checks a body against a definition, which allows no member that it does
// not name.
func (d *description) valid(definition string, header http.Header, body []byte) error {
	if kind := header.Get("Content-Type"); kind != "application/json" {
		return fmt.Errorf("the reply is %q, not application/json", kind)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	schema := d.schemas[definition]
	if schema == nil {
		return fmt.Errorf("no definition %s", definition)
	}
	return schema.Validate(document)
}
