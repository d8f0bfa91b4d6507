//! Why a server does not start.

use std::{fmt, io, net::SocketAddr};

use crate::{config::ConfigError, desk::StartError, unlock::UnlockError, web::TlsError};

/// Why there is no server. Each text says what to do.
#[derive(Debug)]
pub enum ServeError {
    /// The data folder or a name.
    Config(ConfigError),
    /// An address cannot be listened on.
    Address(SocketAddr, io::Error),
    /// The system has no randomness, or no signals.
    System(String),
    /// What the last run left cannot be taken up.
    Start(Box<StartError>),
    /// The certificate.
    Tls(TlsError),
    /// Where results are to be handed on, or the key that signs them.
    HandOver(String),
    /// The keys stay shut.
    Vault(Box<UnlockError>),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Address(address, error) => write!(
                f,
                "地址 {address} 不能使用（{error}）。请退出占用它的程序，或用 --public、--console 换一个端口。"
            ),
            Self::System(why) => write!(f, "操作系统不能提供所需的功能（{why}）。请重新启动电脑后再试。"),
            Self::Start(error) => error.fmt(f),
            Self::Tls(error) => error.fmt(f),
            Self::HandOver(why) => f.write_str(why),
            Self::Vault(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ServeError {}

impl From<ConfigError> for ServeError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}
