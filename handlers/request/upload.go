package request

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
)

const (
	// MaxFile is how large a list or a file may be that somebody uploads, in bytes.
	MaxFile = 2 << 20
	// MaxUpload bounds the body of a form that takes one, in bytes: there are fields around it.
	MaxUpload = MaxFile + MaxForm
)

// Repeated is the only field that may come more than once in an uploaded form: the ids of people.
const Repeated = "id"

// maxRepeated bounds how many ids there may be.
const maxRepeated = 10_000

// ReadUpload reads a form of at most MaxUpload bytes, urlencoded or in parts. A file in it becomes the text of its
// field. The errors are the Refusals of forms.
func ReadUpload(v *Visit) error {
	r := v.Request
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && kind == "application/x-www-form-urlencoded":
		err = r.ParseForm()
	case err == nil && kind == "multipart/form-data":
		err = readParts(r)
	default:
		return FormWrongType
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return FormTooLarge
	}
	if err != nil {
		return FormUnreadable
	}
	for name, values := range r.PostForm {
		if len(values) > 1 && (name != Repeated || len(values) > maxRepeated) {
			return FormUnreadable
		}
	}
	return nil
}

// ReadSmall reads an upload whose person was not let in, if it is no larger than other forms: what they typed outlives
// the sign-in.
func ReadSmall(v *Visit) {
	if size := v.Request.ContentLength; v.Gate.Uploads && v.Request.PostForm == nil && size > 0 && size <= MaxForm {
		_ = ReadUpload(v) // or nothing of it is kept
	}
}

// readParts reads a form in parts into r.PostForm. All of it stays in memory: it is bounded, and so never lies on a disk.
func readParts(r *http.Request) error {
	if err := r.ParseMultipartForm(MaxUpload); err != nil {
		return err
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	for name, files := range r.MultipartForm.File {
		for _, file := range files {
			text, err := textOf(file)
			if err != nil {
				return err
			}
			r.PostForm.Add(name, text)
		}
	}
	return nil
}

func textOf(file *multipart.FileHeader) (string, error) {
	f, err := file.Open()
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(f)
	return string(content), err
}
