module weft-cni

go 1.21
