package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/cmp"
)

// errEnough ends the sending without being an error.
var errEnough = errors.New("enough")

// wrong is a sender that does something wrong with what Argo CD's code sends.
type wrong struct {
	cmp.StreamSender
	fault      string
	connection io.Closer
	size, sent int64
}

// sendWrong sends a repository by a function, and does one thing wrong.
func sendWrong(j job, stream cmp.StreamSender, send func(cmp.StreamSender) error, connection io.Closer) error {
	err := send(&wrong{StreamSender: stream, fault: j.Fault, connection: connection})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func (w *wrong) Send(request *apiclient.AppStreamRequest) error {
	if metadata := request.GetMetadata(); metadata != nil {
		w.size = metadata.GetSize_()
		return w.sendMetadata(request, metadata)
	}
	w.sent += int64(len(request.GetFile().GetChunk()))
	switch {
	case w.fault == "half" && w.sent*2 > w.size:
		// The stream ends in good order, before all has been sent.
		return errEnough
	case w.fault == "gone" && w.sent*2 > w.size:
		w.connection.Close()
		return errEnough
	case w.fault == "garbage":
		return w.sendGarbage()
	}
	return w.StreamSender.Send(request)
}

func (w *wrong) sendMetadata(request *apiclient.AppStreamRequest, metadata *apiclient.ManifestRequestMetadata) error {
	switch w.fault {
	case "half", "gone":
	case "checksum":
		metadata.Checksum = strings.Repeat("0", 64)
	case "no checksum":
		metadata.Checksum = ""
	case "size":
		metadata.Size_ = 1 << 40
	case "path":
		metadata.AppRelPath = "../../.."
	case "no metadata":
		return nil
	case "metadata twice":
		if err := w.StreamSender.Send(request); err != nil {
			return err
		}
	case "garbage":
		sum := sha256.Sum256([]byte(garbage))
		metadata.Checksum = hex.EncodeToString(sum[:])
		metadata.Size_ = int64(len(garbage))
	default:
		return fmt.Errorf("no fault %q", w.fault)
	}
	return w.StreamSender.Send(request)
}

const garbage = "this is not an archive"

func (w *wrong) sendGarbage() error {
	if err := w.StreamSender.Send(cmp.AppFileRequest([]byte(garbage))); err != nil {
		return err
	}
	return errEnough
}
