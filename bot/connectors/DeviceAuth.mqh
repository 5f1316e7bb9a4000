//+------------------------------------------------------------------+
//| DeviceAuth.mqh                                                   |
//| Signed requests of a registered device, for MetaTrader 5.        |
//+------------------------------------------------------------------+
// What it does: opens a session with the device's secret, signs every request under the session's key (HMAC-SHA256,
// RFC 2104), renews the session before it ends, and keeps the difference between its own clock and the server's.
//
// Set up, once:
//   1. Put this file into MQL5/Include.
//   2. Put the secret, alone, into a text file in MQL5/Files (File > Open Data Folder), for example device.secret.
//      Never into an input: inputs are saved in presets and shown in the journal and in reports.
//   3. Tools > Options > Expert Advisors > Allow WebRequest for listed URL: add https://devices.example.com
//
//   #include <DeviceAuth.mqh>
//   input string Server   = "https://devices.example.com";
//   input string DeviceId = "4f9c0b6e-0000-0000-0000-000000000000"; // no secret: the bot shows it on the card
//   CDeviceAuth  Device;
//
//   int OnInit()
//     {
//      if(!Device.Init(Server, DeviceId, "device.secret"))
//        {
//         Alert(Device.ErrorText());
//         return(INIT_FAILED);
//        }
//      EventSetTimer(60);                       // WebRequest waits for its answer: not in OnTick
//      return(INIT_SUCCEEDED);
//     }
//   void OnTimer()
//     {
//      string answer;
//      if(Device.Request("GET", "/api/v1/me", "", answer) != 200)
//         Print(Device.Status(), " ", Device.ErrorCode(), " ", Device.ErrorText());
//     }
//
// The traps it avoids, for whoever writes one of their own:
//   * StringToCharArray copies the terminating NUL, counts characters where UTF-8 has bytes, and does not shrink an
//     array that was longer. One NUL too many and every hash is another one.
//   * The key parameter of CryptEncode means nothing to a hash. HMAC must be built around it: a key longer than 64
//     bytes is hashed first, a shorter one is padded with zeros, and ArrayResize does not put zeros there.
//   * CryptEncode takes no empty array; the hash of nothing is a constant.
//   * TimeCurrent, TimeLocal and TimeTradeServer are the broker's or the desk's time. Only TimeGMT is UTC, in whole
//     seconds. GetTickCount64 adds the milliseconds.
//   * WebRequest works in expert advisors and scripts, not in indicators, nor in the Strategy Tester. It has no switch
//     for redirects: what ends elsewhere than it began is an error here, so give the final address.
//   * WebRequest writes the Host header itself. The port is in it when the URL has one that is not the scheme's own.
//
// This file prints nothing. No text it returns holds the secret or a key. It is plain ASCII: no editor spoils it.
// Reference: https://www.mql5.com/en/docs/common/cryptencode , https://www.mql5.com/en/docs/network/webrequest ,
// https://www.mql5.com/en/docs/convert/stringtochararray , https://www.mql5.com/en/docs/dateandtime/timegmt

#ifndef DEVICE_AUTH_MQH
#define DEVICE_AUTH_MQH

#define DEVICE_AUTH_BLOCK          64        // bytes in a block of SHA-256
#define DEVICE_AUTH_DIGEST         32        // bytes in its result
#define DEVICE_AUTH_OF_NOTHING     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define DEVICE_AUTH_RENEW_BEFORE   300000    // ms before its end that a session is renewed, at most
#define DEVICE_AUTH_CLOCK_OFF      2000      // ms; a smaller difference is no reason for a refusal
#define DEVICE_AUTH_OUTAGE_PAUSE   1000      // ms after the first failure; each further one doubles it,
#define DEVICE_AUTH_OUTAGE_LONGEST 60000     // up to this
#define DEVICE_AUTH_REFUSED_PAUSE  5000      // ms after the server said no; each further no doubles it,
#define DEVICE_AUTH_LONGEST        3600000   // up to this; no Retry-After is taken for longer either
#define DEVICE_AUTH_ALPHABET       "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

//+------------------------------------------------------------------+
//| One device. Keep one object for the life of the program.         |
//+------------------------------------------------------------------+
class CDeviceAuth
  {
private:
   bool              m_ready;
   string            m_registry;          // where sessions are opened: scheme://host[:port]
   string            m_service;           // where requests go; the same unless Init was told otherwise
   string            m_service_host;      // as it is signed
   string            m_device_id;
   string            m_secret_file;
   bool              m_in_common;
   int               m_timeout;           // ms

   string            m_session;
   string            m_signing_key;
   string            m_session_fingerprint; // fingerprint of the secret that opened it
   long              m_renew_at;          // server's time, Unix ms
   long              m_expires_at;        // server's time, Unix ms

   long              m_start;             // TimeGMT when the object was made, Unix ms
   ulong             m_start_ticks;
   long              m_offset;            // ms to add to the local clock
   ulong             m_nonces;            // how many were made

   ulong             m_outage_pause;      // length of the next pause, ms
   ulong             m_refusal_pause;
   ulong             m_vain_pause;
   ulong             m_vain_until;        // ticks
   ulong             m_hold_until;        // ticks; no session is asked for before
   string            m_hold_fingerprint;  // fingerprint of the secret that was refused, "" when that was not it
   string            m_hold_text;
   string            m_hold_code;
   int               m_hold_status;
   string            m_busy_key[];        // requests the server asked to wait with,
   ulong             m_busy_until[];      // and until when, in ticks

   int               m_status;
   string            m_error_code;
   string            m_error_text;
   int               m_retry_in;

   bool              Fail(const string text, const string code="", const int status=0, const ulong wait=0);
   void              Clear();
   bool              ReadSecret(string &secret);
   bool              EnsureSession();
   bool              OpenSession();
   bool              KeepSession(const string answer, const string fingerprint);
   bool              Stop(const string code, const int status, const string fingerprint);
   bool              Hold(const string text, const string code, const int status, const ulong at_least);
   int               SendSigned(const string method, const string target, const uchar &body[], const string type,
                                string &answer, string &headers);
   bool              Mend(const string method, const string answer, const string headers);
   bool              RenewRefused(const string code);
   bool              GiveUp(const string code);
   bool              SetClock(const long server_time);
   int               Send(const string method, const string url, const string headers, const uchar &body[],
                          string &answer, string &answer_headers);
   bool              ExplainNoAnswer(const string url, const int error);
   bool              IsBusy(const string key);
   void              NoteBusy(const string key, const ulong wait);
   long              LocalMs() const;
   string            NewNonce();

public:
                     CDeviceAuth();

   // Prepares the object: self-test, address, device id, secret. False: ErrorText tells what to do. Nothing is sent.
   // secret_file is in MQL5/Files, or in the terminals' common folder with in_common. service_url is where requests
   // go when that is another host than the registry; it never gets the secret.
   bool              Init(const string base_url, const string device_id, const string secret_file,
                          const bool in_common=false, const string service_url="", const int timeout_ms=10000);

   // Sends a signed request. Returns the HTTP status, whatever it is, and the body in answer; -1 when there is no
   // answer to act on: not sent, no connection, refused (401), busy (429, 503: RetryIn), redirected. Never sleeps.
   // target is the raw request target, percent-encoded as needed. A refused request is sent once more where that helps
   // and can do no harm; one whose answer was lost is not, because the server may have carried it out.
   int               Request(const string method, const string target, const string body, string &answer,
                             const string content_type="application/json");

   int               Status() const    { return(m_status); }      // HTTP status of the last answer, 0 without one
   string            ErrorCode() const { return(m_error_code); }  // the server's word for it, "" without one
   string            ErrorText() const { return(m_error_text); }  // a sentence for people, "" when all is well
   int               RetryIn() const   { return(m_retry_in); }    // s in which the same would be in vain
   long              ClockOffset() const { return(m_offset); }    // ms the server is ahead of this computer's UTC
   long              ServerTime() const  { return(LocalMs()+m_offset); } // Unix ms, as far as it is known
   string            Fingerprint();                               // of the secret, to compare with the bot's

   static bool       SelfTest(string &failed);
   static bool       Utf8(const string text, uchar &bytes[]);
   static string     Hex(const uchar &bytes[]);
   static bool       Sha256(const uchar &data[], uchar &digest[]);
   static string     Sha256Hex(const uchar &data[]);
   static string     TextSha256Hex(const string text);
   static bool       HmacSha256(const uchar &key[], const uchar &data[], uchar &digest[]);
   static string     Sign(const string signing_key, const string text);
   static string     StringToSign(const string method, const string host, const string target, const long timestamp,
                                  const string nonce, const string digest);
   static string     Checksum(const string text);
   static bool       IsWellFormed(const string secret);
   static string     FingerprintOf(const string secret);
   static long       OffsetFrom(const long server_time, const long received_at);
   static bool       ParseOrigin(const string url, string &origin, string &host, string &fault);
   static bool       IsSendable(const string target);
   static bool       HasOnly(const string text, const string characters);
   static bool       IsDigits(const string text, const int length);
   static string     HeaderValue(const string headers, const string name);
   static long       ServerTimeOf(const string answer, const string headers);
   static ulong      RetryAfter(const string headers, const ulong otherwise);
   static bool       JsonField(const string json, const string name, string &value);
   static bool       JsonText(const string json, int &at, string &value);
   static bool       JsonSkip(const string json, int &at);
   static int        JsonSpace(const string json, const int at);
   static string     Slice(const string text, const int from, const int to);
   static string     CodeOf(const string answer);
   static bool       IsHarmlessTwice(const string method);
   static bool       SameHmac(const uchar &key[], const string text, const string expected);
  };

//+------------------------------------------------------------------+
//| Nothing is known yet: Init comes first.                          |
//+------------------------------------------------------------------+
CDeviceAuth::CDeviceAuth()
  {
   m_ready=false;
   m_in_common=false;
   m_timeout=10000;
   m_renew_at=0;
   m_expires_at=0;
   m_start=(long)TimeGMT()*1000;
   m_start_ticks=GetTickCount64();
   m_offset=0;
   m_nonces=0;
   m_outage_pause=DEVICE_AUTH_OUTAGE_PAUSE;
   m_refusal_pause=DEVICE_AUTH_REFUSED_PAUSE;
   m_vain_pause=DEVICE_AUTH_REFUSED_PAUSE;
   m_vain_until=0;
   m_hold_until=0;
   m_hold_status=0;
   m_status=0;
   m_retry_in=0;
  }

//+------------------------------------------------------------------+
//| Check all that can be checked without the server                 |
//+------------------------------------------------------------------+
bool CDeviceAuth::Init(const string base_url, const string device_id, const string secret_file,
                       const bool in_common, const string service_url, const int timeout_ms)
  {
   Clear();
   m_ready=false;
   m_session="";
   string failed="";
   if(!SelfTest(failed))
      return(Fail("Self-test failed at: "+failed+". This terminal computes something else than the server, so nothing "
                  +"is sent. Update the terminal or report it."));
   if(MQLInfoInteger(MQL_TESTER)!=0)
      return(Fail("The Strategy Tester has no WebRequest. Run this on a chart."));
   string host="";
   string fault="";
   if(!ParseOrigin(base_url,m_registry,host,fault))
      return(Fail(fault));
   if(!ParseOrigin(service_url=="" ? base_url : service_url,m_service,m_service_host,fault))
      return(Fail(fault));
   m_device_id=device_id;
   StringTrimLeft(m_device_id);
   StringTrimRight(m_device_id);
   StringToLower(m_device_id);
   if(StringLen(m_device_id)!=36 || !HasOnly(m_device_id,"0123456789abcdef-"))
      return(Fail("The device id is not a UUID. The bot shows it on the device's card."));
   m_secret_file=secret_file;
   m_in_common=in_common;
   m_timeout=timeout_ms;
   string secret="";
   if(!ReadSecret(secret))
      return(false);
   m_ready=true;
   return(true);
  }

//+------------------------------------------------------------------+
//| Send a signed request; -1 when there is no answer to act on      |
//+------------------------------------------------------------------+
int CDeviceAuth::Request(const string method, const string target, const string body, string &answer,
                         const string content_type)
  {
   Clear();
   answer="";
   uchar bytes[];
   string headers="";
   string key=method+" "+target;
   int query=StringFind(key,"?");
   if(query>=0)
      key=Slice(key,0,query);
   if(!m_ready)
      Fail("Call Init first and heed what it returns.");
   else if(StringLen(method)<3 || !HasOnly(method,"ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
      Fail("The method must be a word in capitals, like GET or POST.");
   else if(!IsSendable(target))
      Fail("The target must begin with / and be percent-encoded: no spaces, no dot segments, nothing beyond ASCII.");
   else if(StringFind(content_type,"\r")>=0 || StringFind(content_type,"\n")>=0)
      Fail("The content type must be one line.");
   else if(!Utf8(body,bytes))
      Fail("The body cannot be written as UTF-8.");
   else if(IsBusy(key) || !EnsureSession())
      return(-1);
   if(m_error_text!="")
      return(-1);

   int status=SendSigned(method,target,bytes,content_type,answer,headers);
   if(status==401 && (CodeOf(answer)!="" || ServerTimeOf(answer,headers)>0))
     {
      if(!Mend(method,answer,headers))
         return(-1);
      status=SendSigned(method,target,bytes,content_type,answer,headers);
      if(status==401)
        {
         GiveUp(CodeOf(answer));
         return(-1);
        }
     }
   if(status<0)
      return(-1);
   if(status!=401)
     {
      m_vain_pause=DEVICE_AUTH_REFUSED_PAUSE;
      m_vain_until=0;
     }
   if(status==301 || status==302 || status==303 || status==307 || status==308)
     {
      Fail("The server points elsewhere. Use the final address.","",status);
      return(-1);
     }
   if(status==429 || status==503)
     {
      ulong wait=RetryAfter(headers,1000);
      NoteBusy(key,wait);
      Fail("The server is busy or was asked too often.",CodeOf(answer),status,wait);
      return(-1);
     }
   m_status=status;
   m_error_code=CodeOf(answer);
   return(status);
  }

//+------------------------------------------------------------------+
//| The secret's fingerprint; "" and ErrorText when there is none    |
//+------------------------------------------------------------------+
string CDeviceAuth::Fingerprint()
  {
   Clear();
   string secret="";
   return(ReadSecret(secret) ? FingerprintOf(secret) : "");
  }

//+------------------------------------------------------------------+
//| Note what went wrong. Always false, to be returned               |
//+------------------------------------------------------------------+
bool CDeviceAuth::Fail(const string text, const string code, const int status, const ulong wait)
  {
   m_error_text=text;
   m_error_code=code;
   m_status=status;
   m_retry_in=(int)((wait+999)/1000);
   if(m_retry_in>0)
      m_error_text+=" Nothing is sent for "+IntegerToString(m_retry_in)+" s.";
   return(false);
  }

//+------------------------------------------------------------------+
//| Forget what went wrong before                                    |
//+------------------------------------------------------------------+
void CDeviceAuth::Clear()
  {
   m_status=0;
   m_error_code="";
   m_error_text="";
   m_retry_in=0;
  }

//+------------------------------------------------------------------+
//| Read the secret anew: a new one is taken up without a restart    |
//+------------------------------------------------------------------+
bool CDeviceAuth::ReadSecret(string &secret)
  {
   int flags=FILE_READ|FILE_TXT|FILE_ANSI|FILE_SHARE_READ;
   if(m_in_common)
      flags|=FILE_COMMON;
   ResetLastError();
   int handle=FileOpen(m_secret_file,flags,'\t',CP_UTF8);
   if(handle==INVALID_HANDLE)
      return(Fail("The file "+m_secret_file+" cannot be opened (error "+IntegerToString(GetLastError())
                  +"). Put it into MQL5/Files: File > Open Data Folder."));
   secret="";
   while(secret=="" && !FileIsEnding(handle))
     {
      secret=FileReadString(handle);
      // Notepad puts a mark before UTF-8: one character when it was decoded, three when it was not
      if(StringGetCharacter(secret,0)==0xFEFF)
         secret=StringSubstr(secret,1);
      else if(StringGetCharacter(secret,0)==0xEF && StringGetCharacter(secret,1)==0xBB)
         secret=StringSubstr(secret,3);
      StringTrimLeft(secret);
      StringTrimRight(secret);
     }
   FileClose(handle);
   if(IsWellFormed(secret))
      return(true);
   string fault="the checksum is wrong, so a character was mistyped or lost.";
   if(secret=="")
      fault="it is empty.";
   else if(StringLen(secret)!=64)
      fault="it holds "+IntegerToString(StringLen(secret))+" characters, not 64 that begin with dsk1_. "
            +"Save it as plain text (ANSI or UTF-8).";
   secret="";
   return(Fail("There is no secret in "+m_secret_file+": "+fault));
  }

//+------------------------------------------------------------------+
//| See to it that there is a session in force                       |
//+------------------------------------------------------------------+
bool CDeviceAuth::EnsureSession()
  {
   long now=ServerTime();
   if(m_session!="" && now<m_renew_at)
      return(true);
   bool alive=(m_session!="" && now<m_expires_at);
   if(OpenSession())
      return(true);
   if(!alive || m_session=="")
      return(false);
   Clear();                                   // trouble with the new one: the old one will do for now
   return(true);
  }

//+------------------------------------------------------------------+
//| Open a session, unless the last failure is too fresh             |
//+------------------------------------------------------------------+
bool CDeviceAuth::OpenSession()
  {
   string secret="";
   if(!ReadSecret(secret))
      return(false);
   string fingerprint=FingerprintOf(secret);
   if(m_hold_fingerprint!="" && m_hold_fingerprint!=fingerprint)
     {
      m_hold_fingerprint="";
      m_hold_until=0;
      m_refusal_pause=DEVICE_AUTH_REFUSED_PAUSE;
     }
   ulong ticks=GetTickCount64();
   if(ticks<m_hold_until)
      return(Fail(m_hold_text,m_hold_code,m_hold_status,m_hold_until-ticks));

   uchar body[];
   Utf8("{\"device_id\":\""+m_device_id+"\",\"secret\":\""+secret+"\"}",body);   // neither needs escapes
   string answer="";
   string headers="";
   int status=Send("POST",m_registry+"/api/v1/sessions","Content-Type: application/json\r\n",body,answer,headers);
   ArrayFill(body,0,ArraySize(body),0);
   if(status==201)
      return(KeepSession(answer,fingerprint));
   if(status<0)
      return(Hold(m_error_text,"",0,0));
   string code=CodeOf(answer);
   if((status==401 && code=="invalid_credentials") || (status==403 && code=="device_revoked")
      || (status==403 && code=="client_suspended"))
      return(Stop(code,status,fingerprint));
   if(status==429 || status==503)
      return(Hold("The server is busy or was asked too often.",code,status,RetryAfter(headers,0)));
   if(status==301 || status==302 || status==303 || status==307 || status==308)
      return(Hold("The server points elsewhere. Use the final address.","",status,0));
   return(Hold("No session: the server answered "+IntegerToString(status)+".",code,status,0));
  }

//+------------------------------------------------------------------+
//| Take over the session in an answer                               |
//+------------------------------------------------------------------+
bool CDeviceAuth::KeepSession(const string answer, const string fingerprint)
  {
   string session="";
   string key="";
   string expires="";
   string now="";
   bool is_right=JsonField(answer,"session",session) && JsonField(answer,"signing_key",key)
                 && JsonField(answer,"expires_at",expires) && JsonField(answer,"server_time",now)
                 && StringLen(key)==64 && HasOnly(key,"0123456789abcdef")
                 && IsDigits(expires,13) && IsDigits(now,13)
                 && StringToInteger(expires)>StringToInteger(now)
                 && session!="" && StringLen(session)<=1024;
   for(int i=0; i<StringLen(session) && is_right; i++)
     {
      ushort character=StringGetCharacter(session,i);
      is_right=(character>0x20 && character<0x7F);   // it becomes a header
     }
   if(!is_right)
      return(Hold("The server's session is not of the form agreed on.","",201,0));
   long life=StringToInteger(expires)-StringToInteger(now);
   m_session=session;
   m_signing_key=key;
   m_session_fingerprint=fingerprint;
   m_expires_at=StringToInteger(expires);
   m_renew_at=m_expires_at-(life/10<DEVICE_AUTH_RENEW_BEFORE ? life/10 : DEVICE_AUTH_RENEW_BEFORE);
   SetClock(StringToInteger(now));
   m_hold_until=0;
   m_hold_fingerprint="";
   m_outage_pause=DEVICE_AUTH_OUTAGE_PAUSE;
   m_refusal_pause=DEVICE_AUTH_REFUSED_PAUSE;
   return(true);
  }

//+------------------------------------------------------------------+
//| The server said no to this secret: do not ask in a loop          |
//+------------------------------------------------------------------+
bool CDeviceAuth::Stop(const string code, const int status, const string fingerprint)
  {
   m_session="";
   m_signing_key="";
   m_hold_fingerprint=fingerprint;
   m_hold_code=code;
   m_hold_status=status;
   m_hold_text="The server knows no such device with this secret.";
   if(code=="device_revoked")
      m_hold_text="The device was revoked. Register a new one.";
   if(code=="client_suspended")
      m_hold_text="The owner of the device is suspended. Ask an admin.";
   ulong wait=m_refusal_pause;
   m_refusal_pause=(wait*2<DEVICE_AUTH_LONGEST ? wait*2 : DEVICE_AUTH_LONGEST);
   m_hold_until=GetTickCount64()+wait;
   return(Fail(m_hold_text,code,status,wait));
  }

//+------------------------------------------------------------------+
//| No session for another reason: wait before the next attempt      |
//+------------------------------------------------------------------+
bool CDeviceAuth::Hold(const string text, const string code, const int status, const ulong at_least)
  {
   ulong wait=(m_outage_pause>at_least ? m_outage_pause : at_least);
   m_outage_pause=(m_outage_pause*2<DEVICE_AUTH_OUTAGE_LONGEST ? m_outage_pause*2 : DEVICE_AUTH_OUTAGE_LONGEST);
   m_hold_fingerprint="";
   m_hold_text=text;
   m_hold_code=code;
   m_hold_status=status;
   m_hold_until=GetTickCount64()+wait;
   return(Fail(text,code,status,wait));
  }

//+------------------------------------------------------------------+
//| Sign and send; the status, or -1 without an answer               |
//+------------------------------------------------------------------+
int CDeviceAuth::SendSigned(const string method, const string target, const uchar &body[], const string type,
                            string &answer, string &headers)
  {
   long timestamp=ServerTime();
   string nonce=NewNonce();
   string digest=Sha256Hex(body);
   string text=StringToSign(method,m_service_host,target,timestamp,nonce,digest);
   string signed_headers="X-Device-Session: "+m_session+"\r\n"
                         +"X-Timestamp: "+IntegerToString(timestamp)+"\r\n"
                         +"X-Nonce: "+nonce+"\r\n"
                         +"X-Content-SHA256: "+digest+"\r\n"
                         +"X-Signature: "+Sign(m_signing_key,text)+"\r\n";
   if(ArraySize(body)>0)
      signed_headers+="Content-Type: "+type+"\r\n";
   return(Send(method,m_service+target,signed_headers,body,answer,headers));
  }

//+------------------------------------------------------------------+
//| Mend what a 401 complains about. True: worth one more try        |
//+------------------------------------------------------------------+
bool CDeviceAuth::Mend(const string method, const string answer, const string headers)
  {
   string code=CodeOf(answer);
   long server_time=ServerTimeOf(answer,headers);
   if(code=="timestamp_too_old" || code=="timestamp_too_new")
      return(SetClock(server_time) ? true : GiveUp(code));
   if(code=="session_expired" || code=="session_ended" || code=="bad_signature")
      return(RenewRefused(code));
   if(code=="")
     {
      // a proxy kept the body for itself: the clock, if it is off, else the session
      long drift=server_time-ServerTime();
      if(drift>DEVICE_AUTH_CLOCK_OFF || drift<-DEVICE_AUTH_CLOCK_OFF)
         SetClock(server_time);
      else if(!RenewRefused(code))
         return(false);
     }
   // A used nonce means that a copy arrived before, though its answer was lost on the way (Windows may send again by
   // itself), and it may have been carried out. So it is not repeated where twice is worse than not at all: an order
   // stays one order.
   if((code=="" || code=="nonce_used") && IsHarmlessTwice(method))
      return(true);
   return(GiveUp(code));
  }

//+------------------------------------------------------------------+
//| Replace a refused session; not when a new one just was, too      |
//+------------------------------------------------------------------+
bool CDeviceAuth::RenewRefused(const string code)
  {
   if(GetTickCount64()<m_vain_until)
      return(GiveUp(code));
   return(OpenSession());
  }

//+------------------------------------------------------------------+
//| Report a 401, and remember what would be in vain                 |
//+------------------------------------------------------------------+
bool CDeviceAuth::GiveUp(const string code)
  {
   if(code=="device_revoked" || code=="client_suspended" || code=="invalid_credentials")
      return(Stop(code,401,m_session_fingerprint));
   bool is_session=(code=="session_expired" || code=="session_ended" || code=="bad_signature" || code=="");
   ulong ticks=GetTickCount64();
   if(is_session && ticks>=m_vain_until)
     {
      m_vain_until=ticks+m_vain_pause;
      m_vain_pause=(m_vain_pause*2<DEVICE_AUTH_LONGEST ? m_vain_pause*2 : DEVICE_AUTH_LONGEST);
     }
   if(code=="bad_signature")
      return(Fail("The server refuses the signature. Does something on the way change the request?",code,401));
   if(code=="nonce_used")
      return(Fail("This request arrived before and may have been carried out: look before sending again.",code,401));
   return(Fail("The server refused the request.",code,401));
  }

//+------------------------------------------------------------------+
//| Take over the server's time. False when there is none            |
//+------------------------------------------------------------------+
bool CDeviceAuth::SetClock(const long server_time)
  {
   if(server_time<=0)
      return(false);
   m_offset=OffsetFrom(server_time,LocalMs());
   return(true);
  }

//+------------------------------------------------------------------+
//| One WebRequest; the status, or -1 without an answer              |
//+------------------------------------------------------------------+
int CDeviceAuth::Send(const string method, const string url, const string headers, const uchar &body[],
                      string &answer, string &answer_headers)
  {
   char data[];
   char result[];
   int size=ArraySize(body);
   ArrayResize(data,size);
   for(int i=0; i<size; i++)
      data[i]=(char)body[i];
   answer="";
   answer_headers="";
   ResetLastError();
   int status=WebRequest(method,url,headers,m_timeout,data,result,answer_headers);
   int error=GetLastError();
   if(size>0)
      ArrayFill(data,0,size,0);
   if(status<100 || status>599)              // it also returns numbers of its own, such as 1001 and 1003
     {
      ExplainNoAnswer(url,status==-1 ? error : status);
      return(-1);
     }
   size=ArraySize(result);
   if(size>0)
     {
      uchar bytes[];
      ArrayResize(bytes,size);
      for(int i=0; i<size; i++)
         bytes[i]=(uchar)result[i];
      answer=CharArrayToString(bytes,0,size,CP_UTF8);
     }
   return(status);
  }

//+------------------------------------------------------------------+
//| Say what to do about a WebRequest that had no answer             |
//+------------------------------------------------------------------+
bool CDeviceAuth::ExplainNoAnswer(const string url, const int error)
  {
   int end=StringFind(url,"/",8);
   string origin=(end<0 ? url : Slice(url,0,end));
   string text="No answer from "+origin+" (error "+IntegerToString(error)+"). ";
   if(error==4014)
     {
      text="WebRequest is not allowed (error 4014). ";
      text+="Tools > Options > Expert Advisors > Allow WebRequest for listed URL: add "+origin+" . ";
      text+="Indicators cannot use it at all.";
     }
   else if(error==5200)
      text+="The address is invalid.";
   else if(error==5201)
      text+="No connection: check the address, the network and the firewall.";
   else if(error==5202)
      text+="It took too long. The request may have been carried out.";
   else
      text+="The request may have been carried out.";
   return(Fail(text));
  }

//+------------------------------------------------------------------+
//| Does the server's Retry-After for this request still last?       |
//+------------------------------------------------------------------+
bool CDeviceAuth::IsBusy(const string key)
  {
   ulong ticks=GetTickCount64();
   for(int i=0; i<ArraySize(m_busy_key); i++)
      if(m_busy_key[i]==key && ticks<m_busy_until[i])
         return(!Fail("The server asked to wait before this request is sent again.","",0,m_busy_until[i]-ticks));
   return(false);
  }

//+------------------------------------------------------------------+
//| Remember until when; places whose time is over are used again    |
//+------------------------------------------------------------------+
void CDeviceAuth::NoteBusy(const string key, const ulong wait)
  {
   ulong ticks=GetTickCount64();
   int place=ArraySize(m_busy_key);
   for(int i=0; i<ArraySize(m_busy_key); i++)
      if(m_busy_key[i]==key || ticks>=m_busy_until[i])
         place=i;
   if(place==ArraySize(m_busy_key))
     {
      ArrayResize(m_busy_key,place+1);
      ArrayResize(m_busy_until,place+1);
     }
   m_busy_key[place]=key;
   m_busy_until[place]=ticks+wait;
  }

//+------------------------------------------------------------------+
//| UTC by this computer, Unix ms: TimeGMT, carried on by the ticks  |
//+------------------------------------------------------------------+
long CDeviceAuth::LocalMs() const
  {
   return(m_start+(long)(GetTickCount64()-m_start_ticks));
  }

//+------------------------------------------------------------------+
//| A nonce must be used once, not be secret                         |
//+------------------------------------------------------------------+
string CDeviceAuth::NewNonce()
  {
   m_nonces++;
   // The count makes it unique in this object, the session among objects. MathRand is not seeded here: its sequence
   // belongs to the program that includes this.
   string seed=m_session+" "+IntegerToString((long)m_nonces)+" "+IntegerToString((long)GetMicrosecondCount())+" "
               +IntegerToString((long)GetTickCount64())+" "+IntegerToString(MathRand());
   return(StringSubstr(TextSha256Hex(seed),0,32));
  }

//+------------------------------------------------------------------+
//| A text's bytes in UTF-8, without the NUL                         |
//+------------------------------------------------------------------+
bool CDeviceAuth::Utf8(const string text, uchar &bytes[])
  {
   ArrayResize(bytes,0);                     // it would not shrink by itself
   if(text=="")
      return(true);
   int size=StringToCharArray(text,bytes,0,WHOLE_ARRAY,CP_UTF8);
   if(size<=0)
      return(false);
   if(bytes[size-1]==0)
      size--;
   ArrayResize(bytes,size);
   return(true);
  }

//+------------------------------------------------------------------+
//| Bytes as lower-case hex                                          |
//+------------------------------------------------------------------+
string CDeviceAuth::Hex(const uchar &bytes[])
  {
   string digits="0123456789abcdef";
   string text="";
   for(int i=0; i<ArraySize(bytes); i++)
      text+=StringSubstr(digits,bytes[i]>>4,1)+StringSubstr(digits,bytes[i]&15,1);
   return(text);
  }

//+------------------------------------------------------------------+
//| SHA-256 of at least one byte                                     |
//+------------------------------------------------------------------+
bool CDeviceAuth::Sha256(const uchar &data[], uchar &digest[])
  {
   uchar no_key[];
   ArrayResize(digest,0);
   return(CryptEncode(CRYPT_HASH_SHA256,data,no_key,digest)==DEVICE_AUTH_DIGEST
          && ArraySize(digest)==DEVICE_AUTH_DIGEST);
  }

//+------------------------------------------------------------------+
//| SHA-256 in hex, of nothing too; "" when the terminal cannot      |
//+------------------------------------------------------------------+
string CDeviceAuth::Sha256Hex(const uchar &data[])
  {
   if(ArraySize(data)==0)
      return(DEVICE_AUTH_OF_NOTHING);
   uchar digest[];
   return(Sha256(data,digest) ? Hex(digest) : "");
  }

//+------------------------------------------------------------------+
//| SHA-256 in hex of a text in UTF-8                                |
//+------------------------------------------------------------------+
string CDeviceAuth::TextSha256Hex(const string text)
  {
   uchar bytes[];
   return(Utf8(text,bytes) ? Sha256Hex(bytes) : "");
  }

//+------------------------------------------------------------------+
//| HMAC-SHA256 (RFC 2104) with a key of any length                  |
//+------------------------------------------------------------------+
bool CDeviceAuth::HmacSha256(const uchar &key[], const uchar &data[], uchar &digest[])
  {
   uchar short_key[];
   uchar inner[];
   uchar outer[];
   uchar inner_digest[];
   int key_size=ArraySize(key);
   int data_size=ArraySize(data);
   ArrayResize(short_key,key_size);
   for(int i=0; i<key_size; i++)
      short_key[i]=key[i];
   if(key_size>DEVICE_AUTH_BLOCK && !Sha256(key,short_key))
      return(false);
   key_size=ArraySize(short_key);
   ArrayResize(inner,DEVICE_AUTH_BLOCK+data_size);
   ArrayResize(outer,DEVICE_AUTH_BLOCK+DEVICE_AUTH_DIGEST);
   for(int i=0; i<DEVICE_AUTH_BLOCK; i++)
     {
      uchar part=(uchar)(i<key_size ? short_key[i] : 0);
      inner[i]=(uchar)(part^0x36);
      outer[i]=(uchar)(part^0x5C);
     }
   for(int i=0; i<data_size; i++)
      inner[DEVICE_AUTH_BLOCK+i]=data[i];
   bool is_done=Sha256(inner,inner_digest);
   for(int i=0; i<DEVICE_AUTH_DIGEST && is_done; i++)
      outer[DEVICE_AUTH_BLOCK+i]=inner_digest[i];
   is_done=(is_done && Sha256(outer,digest));
   ArrayFill(inner,0,DEVICE_AUTH_BLOCK,0);
   ArrayFill(outer,0,DEVICE_AUTH_BLOCK,0);
   return(is_done);
  }

//+------------------------------------------------------------------+
//| HMAC-SHA256 in hex under the ASCII characters of the key         |
//+------------------------------------------------------------------+
string CDeviceAuth::Sign(const string signing_key, const string text)
  {
   uchar key[];
   uchar data[];
   uchar digest[];
   if(!Utf8(signing_key,key) || !Utf8(text,data) || !HmacSha256(key,data,digest))
      return("");
   return(Hex(digest));
  }

//+------------------------------------------------------------------+
//| What is signed. host with the port as sent, timestamp in Unix ms |
//+------------------------------------------------------------------+
string CDeviceAuth::StringToSign(const string method, const string host, const string target, const long timestamp,
                                 const string nonce, const string digest)
  {
   string lower=host;
   StringToLower(lower);
   return("v1\n"+method+"\n"+lower+"\n"+target+"\n"+IntegerToString(timestamp)+"\n"+nonce+"\n"+digest);
  }

//+------------------------------------------------------------------+
//| CRC-32 (zlib's) of an ASCII text as 6 base-62 digits             |
//+------------------------------------------------------------------+
string CDeviceAuth::Checksum(const string text)
  {
   uint crc=0xFFFFFFFF;
   for(int i=0; i<StringLen(text); i++)
     {
      crc^=StringGetCharacter(text,i);
      for(int bit=0; bit<8; bit++)
         crc=((crc&1)!=0 ? (crc>>1)^0xEDB88320 : crc>>1);
     }
   crc^=0xFFFFFFFF;
   string alphabet=DEVICE_AUTH_ALPHABET;
   string digits="";
   for(int i=0; i<6; i++)
     {
      digits=StringSubstr(alphabet,(int)(crc%62),1)+digits;
      crc/=62;
     }
   return(digits);
  }

//+------------------------------------------------------------------+
//| Is it a secret in form, checksum included?                       |
//+------------------------------------------------------------------+
bool CDeviceAuth::IsWellFormed(const string secret)
  {
   return(StringLen(secret)==64 && StringSubstr(secret,0,5)=="dsk1_"
          && HasOnly(StringSubstr(secret,5),DEVICE_AUTH_ALPHABET)
          && StringSubstr(secret,58)==Checksum(StringSubstr(secret,0,58)));
  }

//+------------------------------------------------------------------+
//| 8 hex digits to compare secrets by without showing them          |
//+------------------------------------------------------------------+
string CDeviceAuth::FingerprintOf(const string secret)
  {
   return(StringSubstr(TextSha256Hex("fingerprint:"+secret),0,8));
  }

//+------------------------------------------------------------------+
//| ms to add to the local clock. The answer counts as if it had     |
//| come in no time: late by the way back, never early; the server   |
//| takes timestamps 30 s old but only 5 s ahead.                    |
//+------------------------------------------------------------------+
long CDeviceAuth::OffsetFrom(const long server_time, const long received_at)
  {
   return(server_time-received_at);
  }

//+------------------------------------------------------------------+
//| Take a URL apart; only an address over TLS, or this computer     |
//+------------------------------------------------------------------+
bool CDeviceAuth::ParseOrigin(const string url, string &origin, string &host, string &fault)
  {
   string text=url;
   StringTrimLeft(text);
   StringTrimRight(text);
   StringToLower(text);
   bool is_https=(StringFind(text,"https://")==0);
   if(!is_https && StringFind(text,"http://")!=0)
     {
      fault="The URL must begin with https://";
      return(false);
     }
   host=StringSubstr(text,is_https ? 8 : 7);
   if(StringLen(host)>0 && StringGetCharacter(host,StringLen(host)-1)=='/')
      host=Slice(host,0,StringLen(host)-1);
   if(host=="" || StringGetCharacter(host,0)==':' || !HasOnly(host,"abcdefghijklmnopqrstuvwxyz0123456789.-_:[]"))
     {
      fault="The URL must be an address only, like https://devices.example.com";
      return(false);
     }
   // WebRequest leaves the scheme's own port out of the Host header, so it is not signed either
   string own_port=(is_https ? ":443" : ":80");
   int bare=StringLen(host)-StringLen(own_port);
   if(bare>0 && StringSubstr(host,bare)==own_port)
      host=Slice(host,0,bare);
   int colon=StringFind(host,":",StringFind(host,"]")+1);
   string name=(colon<0 ? host : Slice(host,0,colon));
   bool is_here=(name=="localhost" || name=="[::1]" || (StringFind(name,"127.")==0 && HasOnly(name,"0123456789.")));
   if(!is_https && !is_here)
     {
      fault="Over http:// everybody on the way can read the secret. Use https://";
      return(false);
     }
   origin="http"+(string)(is_https ? "s" : "")+"://"+host;
   return(true);
  }

//+------------------------------------------------------------------+
//| Can this target be sent exactly as it is signed?                 |
//+------------------------------------------------------------------+
bool CDeviceAuth::IsSendable(const string target)
  {
   if(StringGetCharacter(target,0)!='/')
      return(false);
   for(int i=0; i<StringLen(target); i++)
     {
      ushort character=StringGetCharacter(target,i);
      // Windows would escape these by itself, after they were signed
      if(character<=0x20 || character>=0x7F || character=='#' || character=='\"' || character=='<' || character=='>'
         || character=='\\' || character=='^' || character=='`' || character=='{' || character=='|' || character=='}')
         return(false);
     }
   int query=StringFind(target,"?");
   string path=(query<0 ? target : Slice(target,0,query))+"/";
   return(StringFind(path,"/./")<0 && StringFind(path,"/../")<0);   // it would resolve these, too
  }

//+------------------------------------------------------------------+
//| Does a text consist of these characters only?                    |
//+------------------------------------------------------------------+
bool CDeviceAuth::HasOnly(const string text, const string characters)
  {
   for(int i=0; i<StringLen(text); i++)
      if(StringFind(characters,StringSubstr(text,i,1))<0)
         return(false);
   return(true);
  }

//+------------------------------------------------------------------+
//| Is it a number of so many digits?                                |
//+------------------------------------------------------------------+
bool CDeviceAuth::IsDigits(const string text, const int length)
  {
   return(StringLen(text)==length && HasOnly(text,"0123456789"));
  }

//+------------------------------------------------------------------+
//| The value of a header, its name in any case; "" without one      |
//+------------------------------------------------------------------+
string CDeviceAuth::HeaderValue(const string headers, const string name)
  {
   string lower="\n"+headers;
   string wanted="\n"+name+":";
   StringToLower(lower);
   StringToLower(wanted);
   int from=StringFind(lower,wanted);
   if(from<0)
      return("");
   from+=StringLen(wanted);
   int to=StringFind(lower,"\n",from);
   string value=Slice("\n"+headers,from,to<0 ? StringLen(lower) : to);
   StringTrimLeft(value);
   StringTrimRight(value);
   return(value);
  }

//+------------------------------------------------------------------+
//| The server's time in an answer, Unix ms; 0 without one           |
//+------------------------------------------------------------------+
long CDeviceAuth::ServerTimeOf(const string answer, const string headers)
  {
   string text=HeaderValue(headers,"X-Server-Time");
   if(!IsDigits(text,13) && !(JsonField(answer,"server_time",text) && IsDigits(text,13)))
      return(0);
   return(StringToInteger(text));
  }

//+------------------------------------------------------------------+
//| Retry-After in ms, an hour at most                               |
//+------------------------------------------------------------------+
ulong CDeviceAuth::RetryAfter(const string headers, const ulong otherwise)
  {
   string text=HeaderValue(headers,"Retry-After");
   if(text=="" || StringLen(text)>9 || !HasOnly(text,"0123456789"))
      return(otherwise);
   ulong wait=(ulong)StringToInteger(text)*1000;
   if(wait<otherwise)
      return(otherwise);
   return(wait<DEVICE_AUTH_LONGEST ? wait : DEVICE_AUTH_LONGEST);
  }

//+------------------------------------------------------------------+
//| The code of a problem (RFC 9457); "" without one                 |
//+------------------------------------------------------------------+
string CDeviceAuth::CodeOf(const string answer)
  {
   string code="";
   if(StringGetCharacter(answer,0)!='{' || !JsonField(answer,"code",code))
      return("");
   // too short and too narrow to bring a secret back in an error
   return(StringLen(code)<=40 && HasOnly(code,"abcdefghijklmnopqrstuvwxyz_") ? code : "");
  }

//+------------------------------------------------------------------+
//| May it be sent twice without harm? (RFC 9110, section 9.2.2)     |
//+------------------------------------------------------------------+
bool CDeviceAuth::IsHarmlessTwice(const string method)
  {
   return(method=="GET" || method=="HEAD" || method=="OPTIONS" || method=="PUT" || method=="DELETE");
  }

//+------------------------------------------------------------------+
//| A field of a JSON object: text unescaped, numbers as they stand. |
//| False when it is missing, null, an object or a list.             |
//+------------------------------------------------------------------+
bool CDeviceAuth::JsonField(const string json, const string name, string &value)
  {
   int at=JsonSpace(json,0);
   if(StringGetCharacter(json,at)!='{')
      return(false);
   do
     {
      string key="";
      string text="";
      at=JsonSpace(json,at+1);
      if(!JsonText(json,at,key))
         return(false);
      at=JsonSpace(json,at);
      if(StringGetCharacter(json,at)!=':')
         return(false);
      at=JsonSpace(json,at+1);
      int from=at;
      ushort first=StringGetCharacter(json,at);
      bool is_flat=(first!='{' && first!='[');
      if(!(first=='\"' ? JsonText(json,at,text) : JsonSkip(json,at)))
         return(false);
      if(first!='\"')
         text=Slice(json,from,at);
      if(key==name && is_flat && (first=='\"' || text!="null"))
        {
         value=text;
         return(true);
        }
      at=JsonSpace(json,at);
     }
   while(StringGetCharacter(json,at)==',');
   return(false);
  }

//+------------------------------------------------------------------+
//| Read a JSON text that begins at a position; moves behind it      |
//+------------------------------------------------------------------+
bool CDeviceAuth::JsonText(const string json, int &at, string &value)
  {
   if(StringGetCharacter(json,at)!='\"')
      return(false);
   value="";
   for(at++; at<StringLen(json); at++)
     {
      ushort character=StringGetCharacter(json,at);
      if(character=='\"')
        {
         at++;
         return(true);
        }
      if(character=='\\')
        {
         at++;
         character=StringGetCharacter(json,at);
         if(character=='n')
            character=10;
         else if(character=='r')
            character=13;
         else if(character=='t')
            character=9;
         else if(character=='b')
            character=8;
         else if(character=='f')
            character=12;
         else if(character=='u')
           {
            string hex=StringSubstr(json,at+1,4);
            string digits="0123456789abcdef";
            StringToLower(hex);
            if(StringLen(hex)!=4 || !HasOnly(hex,digits))
               return(false);
            int number=0;
            for(int i=0; i<4; i++)
               number=number*16+StringFind(digits,StringSubstr(hex,i,1));
            character=(ushort)number;
            at+=4;
           }
        }
      value+=ShortToString(character);
     }
   return(false);
  }

//+------------------------------------------------------------------+
//| Move behind a JSON value that is no text                         |
//+------------------------------------------------------------------+
bool CDeviceAuth::JsonSkip(const string json, int &at)
  {
   int depth=0;
   int from=at;
   string text="";
   while(at<StringLen(json))
     {
      ushort character=StringGetCharacter(json,at);
      if(character=='\"')
        {
         if(depth==0 || !JsonText(json,at,text))
            return(false);
         continue;
        }
      if(character=='{' || character=='[')
         depth++;
      if(depth==0 && (character==',' || character=='}' || character==']' || character<=0x20))
         return(at>from);
      at++;
      if(character=='}' || character==']')
        {
         depth--;
         if(depth==0)
            return(true);
        }
     }
   return(false);
  }

//+------------------------------------------------------------------+
//| The next position that is no white space                         |
//+------------------------------------------------------------------+
int CDeviceAuth::JsonSpace(const string json, const int at)
  {
   int next=at;
   while(next<StringLen(json) && StringGetCharacter(json,next)<=0x20)
      next++;
   return(next);
  }

//+------------------------------------------------------------------+
//| The characters from one position to before another               |
//+------------------------------------------------------------------+
string CDeviceAuth::Slice(const string text, const int from, const int to)
  {
   return(to>from ? StringSubstr(text,from,to-from) : "");   // a length of 0 meant "to the end" once
  }

//+------------------------------------------------------------------+
//| Self-test: does HMAC of this text come out as expected?          |
//+------------------------------------------------------------------+
bool CDeviceAuth::SameHmac(const uchar &key[], const string text, const string expected)
  {
   uchar data[];
   uchar digest[];
   return(Utf8(text,data) && HmacSha256(key,data,digest) && Hex(digest)==expected);
  }

//+------------------------------------------------------------------+
//| Compute the vectors: RFC 4231 and the registry's own             |
//+------------------------------------------------------------------+
bool CDeviceAuth::SelfTest(string &failed)
  {
   uchar key[];
   uchar data[];
   uchar digest[];
   failed="RFC 4231, case 1";
   ArrayResize(key,20);
   ArrayFill(key,0,20,0x0B);
   if(!SameHmac(key,"Hi There","b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"))
      return(false);
   failed="RFC 4231, case 2";
   if(Sign("Jefe","what do ya want for nothing?")!="5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
      return(false);
   failed="RFC 4231, case 3";
   ArrayFill(key,0,20,0xAA);
   ArrayResize(data,50);
   ArrayFill(data,0,50,0xDD);
   if(!HmacSha256(key,data,digest)
      || Hex(digest)!="773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe")
      return(false);
   failed="RFC 4231, case 4";
   ArrayResize(key,25);
   for(int i=0; i<25; i++)
      key[i]=(uchar)(i+1);
   ArrayFill(data,0,50,0xCD);
   if(!HmacSha256(key,data,digest)
      || Hex(digest)!="82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b")
      return(false);
   failed="RFC 4231, case 6";
   ArrayResize(key,131);
   ArrayFill(key,0,131,0xAA);
   if(!SameHmac(key,"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"))
      return(false);
   failed="RFC 4231, case 7";
   string longer="This is a test using a larger than block-size key and a larger than block-size data. ";
   longer+="The key needs to be hashed before being used by the HMAC algorithm.";
   if(!SameHmac(key,longer,"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"))
      return(false);
   failed="a text in UTF-8";
   string text="{\"comment\":\"Za";
   text+=ShortToString(0x17C)+ShortToString(0xF3)+ShortToString(0x142)+ShortToString(0x107)+" "+ShortToString(0x20AC);
   text+=" "+ShortToString(0xD83D)+ShortToString(0xDE00)+"\"}";
   if(TextSha256Hex(text)!="60a016bf80505a725042e0290c3fa436a0a34b2060364bff97a56bd8d0626b4c")
      return(false);
   failed="the secret's checksum";
   string secret="dsk1_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq0AHRzP";   // of the vectors: no device's
   if(!IsWellFormed(secret) || IsWellFormed(StringSubstr(secret,0,63)+"0"))
      return(false);
   failed="the fingerprint";
   if(FingerprintOf(secret)!="0a8ca5ce")
      return(false);
   failed="the signature";
   string signing_key="50312c44299e689617ec4df660ad7a760a5bbfa7e510634cad5820f64a59ecee";
   string order=StringToSign("POST","devices.example.com","/api/v1/orders?symbol=EURUSD&side=buy",1795448587000,
                             "Zm9yLW9uZS11c2Utb25seQ",TextSha256Hex("{\"volume\":0.10}"));
   if(Sign(signing_key,order)!="babfa437217e1b015f5b5406340787b74377cbd2602de8823c49a3531059645d")
      return(false);
   failed="the signature of a request without a body";
   string ask=StringToSign("GET","devices.example.com","/api/v1/me",1795448587000,"Zm9yLW9uZS11c2Utb25seQ",
                           TextSha256Hex(""));
   if(Sign(signing_key,ask)!="5cc4f8345491028a7ca6325b260a54806e018182bdde592ff84bb278b1267ba7")
      return(false);
   failed="";
   return(true);
  }

#endif // DEVICE_AUTH_MQH
