//! RFC 9162 section 2.1 Merkle trees: roots, inclusion and consistency.

use crate::hash::{sha256, sha256_parts};

/// A node or root, 32 bytes.
pub type Hash = [u8; 32];

/// The proof does not connect what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadProof;

impl core::fmt::Display for BadProof {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the Merkle proof does not hold")
    }
}

impl std::error::Error for BadProof {}

/// `SHA-256(0x00 || leaf)`.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    sha256_parts(&[&[0], leaf])
}

fn node(left: &Hash, right: &Hash) -> Hash {
    sha256_parts(&[&[1], left, right])
}

/// Largest power of two below `n`, for `n >= 2`.
fn split(n: usize) -> usize {
    1 << (n - 1).ilog2()
}

/// MTH of RFC 9162, over leaf hashes; `SHA-256("")` for an empty tree.
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(b""),
        [one] => *one,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(&root(left), &root(right))
        }
    }
}

/// PATH(index, leaves); empty for an index outside the tree.
#[must_use]
pub fn inclusion_path(leaves: &[Hash], index: usize) -> Vec<Hash> {
    if leaves.len() < 2 || index >= leaves.len() {
        return Vec::new();
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, sibling) = if index < k {
        (inclusion_path(left, index), root(right))
    } else {
        (inclusion_path(right, index - k), root(left))
    };
    path.push(sibling);
    path
}

/// How many hashes an inclusion path has for a leaf of a tree (RFC 9162, section 2.1.3.1).
#[must_use]
pub fn path_len(index: u64, size: u64) -> usize {
    if index >= size {
        return 0;
    }
    let (mut index, mut last, mut len) = (index, size - 1, 0);
    while last > 0 {
        if index & 1 == 1 || index < last {
            len += 1;
        }
        index >>= 1;
        last >>= 1;
    }
    len
}

/// RFC 9162, section 2.1.3.2.
///
/// # Errors
/// [`BadProof`] if the path does not lead from the leaf to the root.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> Result<(), BadProof> {
    if index >= size {
        return Err(BadProof);
    }
    let (mut fnode, mut snode, mut r) = (index, size - 1, *leaf);
    for p in path {
        if snode == 0 {
            return Err(BadProof);
        }
        if fnode & 1 == 1 || fnode == snode {
            r = node(p, &r);
            while fnode & 1 == 0 && fnode != 0 {
                fnode >>= 1;
                snode >>= 1;
            }
        } else {
            r = node(&r, p);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    if snode == 0 && r == *root { Ok(()) } else { Err(BadProof) }
}

/// PROOF(m, leaves): shows that the first `m` leaves are a prefix. Empty for m = 0 or m >= size.
#[must_use]
pub fn consistency_path(leaves: &[Hash], m: usize) -> Vec<Hash> {
    fn subproof(m: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
        if m == leaves.len() {
            return if whole { Vec::new() } else { vec![root(leaves)] };
        }
        let k = split(leaves.len());
        let (left, right) = leaves.split_at(k);
        let (mut path, sibling) =
            if m <= k { (subproof(m, left, whole), root(right)) } else { (subproof(m - k, right, false), root(left)) };
        path.push(sibling);
        path
    }
    if m == 0 || m >= leaves.len() { Vec::new() } else { subproof(m, leaves, true) }
}

/// RFC 9162, section 2.1.4.2, with `0 < size1 <= size2`.
///
/// # Errors
/// [`BadProof`] if the first tree is not shown to be a prefix of the second.
pub fn verify_consistency(size1: u64, size2: u64, root1: &Hash, root2: &Hash, path: &[Hash]) -> Result<(), BadProof> {
    if size1 == 0 || size1 > size2 {
        return Err(BadProof);
    }
    if size1 == size2 {
        return if path.is_empty() && root1 == root2 { Ok(()) } else { Err(BadProof) };
    }
    let mut rest = path;
    let mut first = *root1;
    if !size1.is_power_of_two() {
        let (head, tail) = rest.split_first().ok_or(BadProof)?;
        (first, rest) = (*head, tail);
    } else if rest.is_empty() {
        return Err(BadProof);
    }
    let (mut fnode, mut snode) = (size1 - 1, size2 - 1);
    while fnode & 1 == 1 {
        fnode >>= 1;
        snode >>= 1;
    }
    let (mut fr, mut sr) = (first, first);
    for c in rest {
        if snode == 0 {
            return Err(BadProof);
        }
        if fnode & 1 == 1 || fnode == snode {
            fr = node(c, &fr);
            sr = node(c, &sr);
            while fnode & 1 == 0 && fnode != 0 {
                fnode >>= 1;
                snode >>= 1;
            }
        } else {
            sr = node(&sr, c);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    if snode == 0 && fr == *root1 && sr == *root2 { Ok(()) } else { Err(BadProof) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_prefix_and_every_leaf_of_small_trees() {
        let leaves: Vec<Hash> = (0u32..20).map(|i| leaf_hash(&i.to_be_bytes())).collect();
        for n in 1..=leaves.len() {
            let tree = &leaves[..n];
            let top = root(tree);
            for (i, leaf) in tree.iter().enumerate() {
                let path = inclusion_path(tree, i);
                assert_eq!(path.len(), path_len(i as u64, n as u64));
                verify_inclusion(leaf, i as u64, n as u64, &path, &top).unwrap();
                assert!(verify_inclusion(leaf, (i as u64 + 1) % n as u64, n as u64, &path, &top).is_err() || n == 1);
            }
            for m in 1..n {
                let path = consistency_path(tree, m);
                verify_consistency(m as u64, n as u64, &root(&tree[..m]), &top, &path).unwrap();
                assert!(verify_consistency(m as u64, n as u64, &top, &root(&tree[..m]), &path).is_err());
            }
        }
    }
}
