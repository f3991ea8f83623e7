// Generated from crates/serve-http/openapi.json by `npm run generate`. Not edited by hand.

export interface paths {
    "/api/v1/account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows the own account */
        get: operations["getAccount"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes the own profile */
        patch: operations["updateAccount"];
        trace?: never;
    };
    "/api/v1/account/client-passwords": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the own client passwords */
        get: operations["listClientPasswords"];
        put?: never;
        /**
         * Makes a client password
         * @description The answer holds the password, this once. The member's own password is asked for again.
         */
        post: operations["createClientPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/client-passwords/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revokes a client password
         * @description Programs that use it are signed out at once.
         */
        delete: operations["revokeClientPassword"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/client-settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells what to set a mail program up with */
        get: operations["getClientSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Changes the own password
         * @description Other sessions end; this one goes on.
         */
        put: operations["changePassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/removed-messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists own mail that was removed for good and can be brought back
         * @description The last removed first.
         */
        get: operations["listRemovedMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/removed-messages/forget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Removes own mail so that nobody brings it back */
        post: operations["forgetRemovedMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/removed-messages/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Brings own mail back
         * @description To the mailbox it was in last, or to the inbox when that is gone or was the trash.
         */
        post: operations["restoreRemovedMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists where the member is signed in */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/sessions/revoke-others": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Signs all other sessions out */
        post: operations["revokeOtherSessions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Signs one session out */
        delete: operations["revokeSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/administrators": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the administrators */
        get: operations["listAdministrators"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/administrators/{member_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Makes a member an administrator, or changes the role */
        put: operations["grantAdministrator"];
        post?: never;
        /** Takes a member's role as administrator away; the last owner stays */
        delete: operations["revokeAdministrator"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists changes, latest first */
        get: operations["listAuditEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/audit/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Checks the seals of the whole audit log */
        post: operations["verifyAudit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/departments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists all departments with their counts, parents before children */
        get: operations["listDepartments"];
        put?: never;
        /** Creates a department */
        post: operations["createDepartment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/departments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a department that has neither members nor departments below it */
        delete: operations["removeDepartment"];
        options?: never;
        head?: never;
        /** Changes a department's name, identifier or member limit */
        patch: operations["updateDepartment"];
        trace?: never;
    };
    "/api/v1/admin/departments/{id}/leaders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Sets who leads a department */
        put: operations["setDepartmentLeaders"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/departments/{id}/move": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Moves a department below another one, or among its siblings */
        post: operations["moveDepartment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/domains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the domains the organisation may use */
        get: operations["listDomains"];
        put?: never;
        /** Adds a domain, which then waits for its DNS record */
        post: operations["addDomain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/domains/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a domain and the DNS records it wants */
        get: operations["getDomain"];
        put?: never;
        post?: never;
        /** Removes a domain in which no address is left */
        delete: operations["removeDomain"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/domains/{id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Looks in DNS whether the domain carries the organisation's token */
        post: operations["checkDomain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/domains/{id}/make-default": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes new addresses in this domain unless another is named */
        post: operations["makeDomainDefault"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Streams what changes, as server-sent events
         * @description `job` events carry a job as in `getJob`; `changed` events carry `{"topic": "members"}` and the like, and say that lists of that topic
         *     are stale. `{"topic": "all"}` says that events may have been missed. The stream ends when the session does.
         */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/exports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Starts an export, whose file is there when its job is done */
        post: operations["startExport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/exports/{job_id}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Downloads the file of an export that is done */
        get: operations["getExportFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/import-template": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Downloads the template with headings, an example row and notes */
        get: operations["getImportTemplate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists imports, latest first */
        get: operations["listImports"];
        put?: never;
        /**
         * Uploads a spreadsheet and starts its plan
         * @description The fields of the form are read in order: `options` (JSON), then `file`.
         */
        post: operations["createImport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/imports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows an import: where it stands, what its plan sums up to */
        get: operations["getImport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/imports/{id}/apply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Applies the plan as a job */
        post: operations["applyImport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/imports/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Drops a plan, or stops one that is being applied */
        post: operations["cancelImport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/imports/{id}/initial-passwords": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Downloads the generated initial passwords, once
         * @description They are gone after this answer, and 24 hours after the import at the latest.
         */
        post: operations["fetchInitialPasswords"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/imports/{id}/rows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the rows of a plan */
        get: operations["listImportRows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/imports/{id}/rows/{row}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Mends cells of a row, which is planned again */
        patch: operations["updateImportRow"];
        trace?: never;
    };
    "/api/v1/admin/imports/{id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes an applied import back, as a job */
        post: operations["undoImport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/imports/{id}/wrong-rows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Downloads the rows that were not applied, with what is wrong, to mend and upload again */
        get: operations["getWrongRows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the organisation's jobs, latest first */
        get: operations["listJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a job and how far it has come */
        get: operations["getJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks a job to stop at the next safe point */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists members
         * @description `total` is told with the first page.
         */
        get: operations["listMembers"];
        put?: never;
        /**
         * Creates a member
         * @description Without `initial_password` one is generated and told in this answer only.
         */
        post: operations["createMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/members/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Does one action on many members */
        post: operations["changeMembers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/members/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a member */
        get: operations["getMember"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes a member */
        patch: operations["updateMember"];
        trace?: never;
    };
    "/api/v1/admin/members/{id}/aliases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists a member's addresses, the primary one first */
        get: operations["listMemberAliases"];
        put?: never;
        /** Gives a member another address */
        post: operations["addMemberAlias"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/members/{id}/aliases/{address}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes an alias away */
        delete: operations["removeMemberAlias"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/members/{id}/departments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Sets a member's departments, and the position in each */
        put: operations["setMemberDepartments"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/members/{id}/lock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Locks an account that may be in wrong hands */
        post: operations["lockMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/members/{id}/recycle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Puts a member into the recycle bin */
        post: operations["recycleMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/members/{id}/reset-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a new initial password and ends the member's sessions */
        post: operations["resetMemberPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/members/{id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes a member back out of the recycle bin */
        post: operations["restoreMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/members/{id}/restore-mail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Brings a member's mail back that was removed within a time
         * @description As a job that tells how many messages came back. Nothing of the mail is shown.
         */
        post: operations["restoreMemberMail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/members/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a suspended member go on */
        post: operations["resumeMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/members/{id}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Suspends a member: no sign-in, no sending, mail is still received */
        post: operations["suspendMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/members/{id}/unlock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Unlocks an account */
        post: operations["unlockMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/organisation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows the organisation and its settings */
        get: operations["getOrganisation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes the organisation and its settings */
        patch: operations["updateOrganisation"];
        trace?: never;
    };
    "/api/v1/admin/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows the console's overview */
        get: operations["getOverview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/queue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the organisation's messages on their way out, latest first */
        get: operations["listQueueMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/queue/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a message on its way out, with each recipient's last answer */
        get: operations["getQueueMessage"];
        put?: never;
        post?: never;
        /** Takes the waiting recipients of a message out of the queue for good */
        delete: operations["removeQueueMessage"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/queue/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Has the waiting recipients of a message tried at once */
        post: operations["retryQueueMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/service-classes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the service classes */
        get: operations["listServiceClasses"];
        put?: never;
        /** Adds a service class */
        post: operations["addServiceClass"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/service-classes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a service class that no member has */
        delete: operations["removeServiceClass"];
        options?: never;
        head?: never;
        /** Changes a service class and so the quotas of all its members */
        patch: operations["updateServiceClass"];
        trace?: never;
    };
    "/api/v1/admin/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells who is signed in to the console, and what they may do */
        get: operations["getConsoleSession"];
        put?: never;
        /**
         * Signs in to the console
         * @description The answer sets the console's cookie. A member who is no administrator is refused.
         */
        post: operations["signInToConsole"];
        /** Signs out of the console */
        delete: operations["signOutOfConsole"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/session/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Chooses a password in place of the initial one, at the console */
        post: operations["chooseFirstConsolePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/directory/departments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the departments of the own organisation, parents before children */
        get: operations["listDirectoryDepartments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/directory/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists colleagues by name
         * @description `total` is told with the first page of a list without search.
         */
        get: operations["listDirectoryMembers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/entry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells what the entry pages need before anybody has signed in */
        get: operations["getEntry"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/password-check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tells rule by rule whether a password would be accepted */
        post: operations["checkPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells who is signed in */
        get: operations["getSession"];
        put?: never;
        /**
         * Signs in to mail and the own account
         * @description The answer sets the cookie. A wrong name and a wrong password are told alike, and many failures are answered with 429 and `Retry-After`.
         */
        post: operations["signIn"];
        /** Signs out */
        delete: operations["signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Chooses a password in place of the initial one
         * @description The session goes on, with full rights and a new cookie.
         */
        post: operations["chooseFirstPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells whether a set-up link is still good */
        get: operations["getSetup"];
        put?: never;
        /**
         * Creates the first organisation and signs its administrator in to the console
         * @description The answer sets the console's cookie. The link is used up.
         */
        post: operations["setUpOrganisation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sign-in-pages/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Finds an organisation's sign-in page by its code */
        get: operations["getSignInPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Work that was taken on. */
        AcceptedJob: {
            job: components["schemas"]["Job"];
        };
        /** @description A member's own account, as the member sees it. */
        Account: {
            account_name: string;
            address: string | null;
            aliases: string[];
            alternate_address: string | null;
            /** Format: date */
            birthday: string | null;
            departments: components["schemas"]["MemberDepartment"][];
            employee_number: string | null;
            /** Format: date */
            expires_on: string | null;
            gender: null | components["schemas"]["Gender"];
            home_phone: string | null;
            id: string;
            /** Format: date-time */
            last_sign_in_at: string | null;
            mail: null | components["schemas"]["MailStorage"];
            mobile: string | null;
            name: string;
            nickname: string | null;
            office_phone: string | null;
        };
        /**
         * @description Whether the sign-in identity belongs to the organisation or to the person.
         * @enum {string}
         */
        AccountKind: "enterprise" | "personal";
        /** @description What a member may change alone. A field that is absent stays; null empties it. */
        AccountPatch: {
            alternate_address?: string | null;
            /** Format: date */
            birthday?: string | null;
            home_phone?: string | null;
            nickname?: string | null;
            office_phone?: string | null;
        };
        AddAlias: {
            /** @description The default domain when absent. */
            domain_id?: string | null;
            /** @description The part before the `@`. */
            local_part: string;
        };
        AddDomain: {
            /** @example example.test */
            name: string;
        };
        AddServiceClass: {
            /**
             * Format: int64
             * @description Null or absent is unlimited.
             */
            drive_quota_bytes?: number | null;
            /**
             * Format: int64
             * @description Null or absent is unlimited.
             */
            mail_quota_bytes?: number | null;
            name: string;
        };
        Administrator: {
            account_name: string;
            address: string | null;
            /** Format: date-time */
            granted_at: string;
            member_id: string;
            name: string;
            role: components["schemas"]["AdministratorRole"];
        };
        /**
         * @description The administrators there are.
         * @enum {string}
         */
        AdministratorRole: "owner" | "org_admin";
        /** @description One change, with who made it. */
        AuditEvent: {
            /**
             * @description `member.created`, `department.moved`, …
             * @example member.created
             */
            action: string;
            actor: components["schemas"]["AuditParty"];
            /** @description The changed fields as they are. */
            after: Record<string, never> | null;
            /** Format: date-time */
            at: string;
            /** @description The changed fields as they were. */
            before: Record<string, never> | null;
            id: string;
            ip: string | null;
            request_id: string;
            /**
             * Format: int64
             * @description Its place in the sealed chain; null for the moment until the sealer has come by.
             */
            seal_number: number | null;
            target: components["schemas"]["AuditParty"];
        };
        /** @description What does not fit. */
        AuditFlaw: {
            /** @description The event at that place, if there is one. */
            event_id: string | null;
            /**
             * @description `seal_broken`, `events_missing`, `checkpoint_broken` or `end_missing`.
             * @example seal_broken
             */
            flaw: string;
            /** Format: int64 */
            seal_number: number;
        };
        /** @description Who did it, or what it was done to; the name is that of the time. */
        AuditParty: {
            id: string | null;
            /** @description Actors: `nobody`, `member`, `operator`, `system`. Targets: `member`, `department`, … */
            kind: string;
            name: string;
        };
        /** @description What the check of the chain found. */
        AuditReport: {
            /**
             * Format: int64
             * @description How many signed ends of the chain were checked.
             */
            checkpoints: number;
            first_bad: null | components["schemas"]["AuditFlaw"];
            /**
             * Format: int64
             * @description How many events are sealed and in order, up to the first flaw.
             */
            sealed: number;
            /**
             * Format: int64
             * @description How many wait for the sealer.
             */
            unsealed: number;
        };
        /** @enum {string} */
        BatchAction: "suspend" | "resume" | "move" | "set_service_class" | "recycle";
        /** @description As the filters of the list of members. */
        BatchFilter: {
            account_kind?: null | components["schemas"]["AccountKind"];
            /** Format: date */
            created_from?: string | null;
            /** Format: date */
            created_to?: string | null;
            department_id?: string | null;
            /** Format: date */
            expires_before?: string | null;
            has_mobile?: boolean | null;
            include_subdepartments?: boolean | null;
            incomplete?: boolean | null;
            search?: string | null;
            service_class_id?: string | null;
            state?: null | components["schemas"]["MemberState"];
        };
        /** @description What is wrong with one cell. */
        CellError: {
            code: string;
            /** @description The column key. */
            column: string;
            params: {
                [key: string]: string;
            };
        };
        ChangePassword: {
            /** Format: password */
            current_password: string;
            /** Format: password */
            new_password: string;
        };
        /** @description A first password of one's own. */
        ChoosePassword: {
            /** Format: password */
            new_password: string;
        };
        /** @description One client password, without the password. */
        ClientPasswordRow: {
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at: string | null;
            id: string;
            /**
             * Format: date-time
             * @description To within a few minutes.
             */
            last_used_at: string | null;
            last_used_ip: string | null;
            last_used_protocol: string | null;
            name: string;
            /** @description `imap`, `pop3`, `smtp`, `jmap`. */
            protocols: string[];
        };
        /** @description How a mail program reaches this server. */
        ClientServer: {
            host: string;
            /** Format: int32 */
            port: number;
            /** @description `imap`, `pop3` or `smtp`. */
            protocol: string;
            /** @description `tls`: from the start. `starttls`: after STARTTLS. */
            security: string;
        };
        ClientSettings: {
            /** @description Mail programs take client passwords only. */
            client_passwords_only: boolean;
            /** @description The best first for each protocol. */
            servers: components["schemas"]["ClientServer"][];
            /** @description What to sign in with; null for a member without an address. */
            user_name: string | null;
        };
        /** @description A member as colleagues see it. */
        Colleague: {
            address: string | null;
            /** @description The main one first. */
            departments: components["schemas"]["ColleaguePlace"][];
            id: string;
            mobile: string | null;
            name: string;
            nickname: string | null;
            office_phone: string | null;
        };
        /** @description One department of a colleague. */
        ColleaguePlace: {
            department_id: string;
            /** @description From below the organisation down to the department. */
            path: string[];
            position: string | null;
        };
        CreateClientPassword: {
            /** Format: password */
            current_password: string;
            /** Format: date-time */
            expires_at?: string | null;
            /** @description What the member calls it, such as the program and the device. */
            name: string;
            /** @description `imap`, `pop3`, `smtp`, `jmap`; at least one. */
            protocols: string[];
        };
        CreateDepartment: {
            /** @description Made from the pinyin initials of the name when not given. */
            identifier?: string | null;
            /** Format: int64 */
            member_limit?: number | null;
            /** @description Unique among its siblings, without `/`. */
            name: string;
            parent_id: string;
        };
        /** @description A new member. With a mail prefix, the member gets a mailbox; without, none. */
        CreateMember: {
            /** @description The mail prefix when absent. */
            account_name?: string | null;
            alternate_address?: string | null;
            /** Format: date */
            birthday?: string | null;
            /** @description The first is the main one. */
            departments?: components["schemas"]["DepartmentPost"][];
            /** @description The domain of the address; the default domain when absent. */
            domain_id?: string | null;
            employee_number?: string | null;
            /**
             * Format: date
             * @description The last day on which the account works.
             */
            expires_on?: string | null;
            /**
             * Format: int64
             * @description On top of the service class.
             */
            extra_mail_quota_bytes?: number | null;
            gender?: null | components["schemas"]["Gender"];
            home_phone?: string | null;
            /**
             * Format: password
             * @description Generated and told once when absent.
             */
            initial_password?: string | null;
            /** Format: date */
            join_date?: string | null;
            kind?: components["schemas"]["MemberKind"];
            mail_prefix?: string | null;
            /** @description Any way people write it; numbers without country code are Chinese. */
            mobile?: string | null;
            name: string;
            nickname?: string | null;
            office_location?: string | null;
            office_phone?: string | null;
            remarks?: string | null;
            service_class_id?: string | null;
            supervisor_id?: string | null;
            /** @description Shown to colleagues unless false. */
            visible_in_directory?: boolean | null;
        };
        CreatedClientPassword: {
            client_password: components["schemas"]["ClientPasswordRow"];
            /** @description Shown this once. */
            password: string;
        };
        /** @description The new member, and the password to hand over. */
        CreatedMember: {
            /** @description The generated initial password, told this once; null when one was given. */
            initial_password: string | null;
            /** Format: date-time */
            initial_password_expires_at: string | null;
            member: components["schemas"]["Member"];
        };
        /** @description A department. The root has no parent and carries the organisation's name. */
        Department: {
            id: string;
            /** @description A short name for files and paths, unique among siblings, 64 characters at most. */
            identifier: string;
            /** @description In order, the first being the head. */
            leaders: components["schemas"]["Leader"][];
            /**
             * Format: int64
             * @description Members in this very department.
             */
            member_count: number;
            /**
             * Format: int64
             * @description How many members the department and those below it may have; null is without limit.
             */
            member_limit: number | null;
            name: string;
            /**
             * Format: int64
             * @description Members here and below who have not activated their account.
             */
            not_activated_count: number;
            parent_id: string | null;
            /**
             * Format: int64
             * @description Siblings stand in this order.
             */
            sort_order: number;
            /**
             * Format: int64
             * @description Members here and below, each counted once.
             */
            subtree_count: number;
        };
        /** @description Changes to a department; what is absent stays. */
        DepartmentPatch: {
            identifier?: string | null;
            /**
             * Format: int64
             * @description Null lifts the limit.
             */
            member_limit?: number | null;
            name?: string | null;
        };
        /** @description A post in a department. */
        DepartmentPost: {
            department_id: string;
            position?: string | null;
            rank?: string | null;
        };
        /** @description A department as colleagues see it. The root has no parent and carries the organisation's name. */
        DirectoryDepartment: {
            id: string;
            name: string;
            parent_id: string | null;
        };
        /** @description A record to enter at the registrar. */
        DnsRecord: {
            /** @description `TXT`, `MX`, … */
            kind: string;
            name: string;
            /** Format: int32 */
            priority: number | null;
            value: string;
        };
        /** @description A mail domain the organisation owns or has been granted. */
        Domain: {
            /** Format: date-time */
            created_at: string;
            /** @description In the form people read. */
            display_name: string;
            /** @description The records to enter at the registrar; empty for a granted domain. */
            dns_records: components["schemas"]["DnsRecord"][];
            id: string;
            /** @description Whether new addresses are made in it when nothing else is said. */
            is_default: boolean;
            /** Format: date-time */
            last_checked_at: string | null;
            /**
             * @description In its ASCII form.
             * @example example.test
             */
            name: string;
            /** @description Whether the organisation owns it; if not, another one grants its use. */
            owned: boolean;
            state: components["schemas"]["DomainState"];
            /** Format: date-time */
            verified_at: string | null;
        };
        /**
         * @description How sure it is that the domain belongs to the organisation.
         * @enum {string}
         */
        DomainState: "verified" | "assumed" | "waiting";
        /** @description What the entry pages need to know. */
        Entry: {
            /** @description The languages the pages speak. */
            languages: string[];
            /** @description Whether the first organisation exists; until then only the set-up page is of use. */
            set_up: boolean;
            /** @description The server's version. */
            version: string;
        };
        /** @enum {string} */
        FileFormat: "xlsx" | "csv";
        ForgottenMessages: {
            forgotten: string[];
        };
        /** @enum {string} */
        Gender: "male" | "female";
        GrantAdministrator: {
            role: components["schemas"]["AdministratorRole"];
        };
        /** @description An import. */
        Import: {
            /** Format: date-time */
            applied_at: string | null;
            /** Format: date-time */
            created_at: string;
            created_by: string | null;
            /** @description Why the whole import failed. */
            error_code: string | null;
            error_params: {
                [key: string]: string;
            };
            /** Format: int64 */
            file_bytes: number;
            file_name: string;
            id: string;
            /** @description The job at work on it, or the last one that was. */
            job_id: string | null;
            layout: null | components["schemas"]["ImportLayout"];
            options: components["schemas"]["ImportOptions"];
            /** @description Whether generated initial passwords wait for their one download. */
            passwords_available: boolean;
            /** Format: date-time */
            planned_at: string | null;
            /** Format: int64 */
            rows_applied: number;
            /** Format: int64 */
            rows_failed: number;
            /** Format: int64 */
            rows_total: number;
            /** Format: int64 */
            rows_undone: number;
            state: components["schemas"]["ImportState"];
            summary: components["schemas"]["ImportSummary"];
            /** Format: date-time */
            undone_at: string | null;
        };
        /** @description A column of the file. */
        ImportColumn: {
            heading: string;
            /** @description Hidden in the file. It is read like any other. */
            hidden: boolean;
            /**
             * Format: int32
             * @description Counted from 0. The cells of a row stand in the order of `columns`.
             */
            index: number;
            /** @description What it was recognised as, such as `name` or `mobile`; null when it was not and is left out. */
            key: string | null;
        };
        /** @description How a file was read. */
        ImportLayout: {
            columns: components["schemas"]["ImportColumn"][];
            /** @description For CSV: `,`, `;` or a tab. */
            delimiter: string | null;
            /** @description For CSV: `UTF-8`, `UTF-16LE`, `UTF-16BE` or `GB18030`. */
            encoding: string | null;
            /**
             * Format: int32
             * @description The row the headings stand in, as a spreadsheet program shows it.
             */
            heading_row: number;
            /**
             * Format: int32
             * @description How many rows are hidden in the file. They are read too.
             */
            hidden_rows: number;
            /**
             * Format: int32
             * @description How many merged ranges there were, whose value was repeated in the rows below.
             */
            merged_ranges: number;
            /** @description Other sheets of the workbook, which are not read. */
            other_sheets: string[];
            /** @description The sheet's name; null for CSV. */
            sheet: string | null;
            /** @description The sheet is hidden: no visible one has headings. */
            sheet_hidden: boolean;
        };
        /** @description How a file is to be read. */
        ImportOptions: {
            /** @description Whether departments named in the file are created; true by default. */
            create_missing_departments?: boolean;
            /** @description The country of numbers without a country code: `+86` by default. */
            default_country?: string;
            /** @description Where new members go whose row names no department. */
            department_id?: string | null;
            /** @description The domain of mail prefixes; the default domain when null. */
            domain?: string | null;
            initial_passwords?: components["schemas"]["InitialPasswords"];
            invite?: components["schemas"]["Invite"];
            on_existing?: components["schemas"]["OnExisting"];
        };
        /**
         * @description What the plan makes of a row.
         * @enum {string}
         */
        ImportOutcome: "create" | "update" | "move" | "unchanged" | "conflict" | "error";
        /**
         * @description What became of a row.
         * @enum {string}
         */
        ImportResult: "applied" | "failed" | "skipped" | "undone" | "kept";
        /** @description A row of the file and its plan. */
        ImportRow: {
            /** @description The cells as they stood in the file, in the order of the layout's columns; those of passwords are empty. */
            cells: string[];
            /** @description What changes, by column key: the old value and the new; null where there is none. */
            changes: {
                [key: string]: (string | null)[];
            };
            errors: components["schemas"]["CellError"][];
            /** @description The member it meets or has become. */
            member_id: string | null;
            outcome: components["schemas"]["ImportOutcome"];
            result: null | components["schemas"]["ImportResult"];
            /**
             * Format: int32
             * @description As the spreadsheet program shows it.
             */
            row_number: number;
            /** @description The values the member ends up with, by column key. */
            values: {
                [key: string]: string;
            };
        };
        /** @description New texts for cells, by column key; other cells stay. */
        ImportRowPatch: {
            cells: {
                [key: string]: string;
            };
        };
        /** @enum {string} */
        ImportState: "uploading" | "uploaded" | "planning" | "planned" | "applying" | "applied" | "undoing" | "undone" | "cancelled" | "failed";
        /** @description Rows by outcome. */
        ImportSummary: {
            /** Format: int64 */
            conflict: number;
            /** Format: int64 */
            create: number;
            /** Format: int64 */
            error: number;
            /** Format: int64 */
            move: number;
            /** Format: int64 */
            unchanged: number;
            /** Format: int64 */
            update: number;
        };
        /** @description The upload form. */
        ImportUpload: {
            /**
             * Format: binary
             * @description An .xlsx or .csv file, 64 MiB at most.
             */
            file: string;
            options?: null | components["schemas"]["ImportOptions"];
        };
        /** @description An initial password, told this once. */
        InitialPassword: {
            /**
             * Format: date-time
             * @description Until then it opens the page that chooses a new one.
             */
            expires_at: string;
            initial_password: string;
        };
        /**
         * @description Where the initial passwords of new members come from.
         * @enum {string}
         */
        InitialPasswords: "given" | "generated" | "none";
        /**
         * @description How new members hear of their account.
         * @enum {string}
         */
        Invite: "none";
        /** @description A piece of long work. */
        Job: {
            cancel_requested: boolean;
            /** Format: date-time */
            created_at: string;
            created_by: string | null;
            /** @description Why it failed; the language files have a text for it. */
            error_code: string | null;
            error_params: {
                [key: string]: string;
            };
            /** Format: date-time */
            finished_at: string | null;
            id: string;
            /** @description The import the job works on, for import jobs. */
            import_id: string | null;
            /**
             * @description `import.plan`, `import.apply`, `import.undo`, `export.members`, …
             * @example import.apply
             */
            kind: string;
            /** Format: int64 */
            progress_done: number;
            /**
             * Format: int64
             * @description Null until it is known.
             */
            progress_total: number | null;
            /** @description What came out, when done; its fields depend on the kind. */
            result: Record<string, never> | null;
            /** Format: date-time */
            started_at: string | null;
            state: components["schemas"]["JobState"];
        };
        /** @enum {string} */
        JobState: "queued" | "running" | "done" | "failed" | "cancelled";
        Leader: {
            id: string;
            name: string;
        };
        /** @description One page of a list. */
        List_Administrator: {
            items: components["schemas"]["Administrator"][];
            /** @description Hand this back as `cursor` to get the next page; null on the last. */
            next: string | null;
            /**
             * Format: int64
             * @description How many there are in all pages, where that is known.
             */
            total?: number | null;
        };
        /** @description One page of a list. */
        List_AuditEvent: {
            items: components["schemas"]["AuditEvent"][];
            /** @description Hand this back as `cursor` to get the next page; null on the last. */
            next: string | null;
            /**
             * Format: int64
             * @description How many there are in all pages, where that is known.
             */
            total?: number | null;
        };
        /** @description One page of a list. */
        List_ClientPasswordRow: {
            items: components["schemas"]["ClientPasswordRow"][];
            /** @description Hand this back as `cursor` to get the next page; null on the last. */
            next: string | null;
            /**
             * Format: int64
             * @description How many there are in all pages, where that is known.
             */
            total?: number | null;
        };
        /** @description One page of a list. */
        List_Colleague: {
            items: components["schemas"]["Colleague"][];
            /** @description Hand this back as `cursor` to get the next page; null on the last. */
            next: string | null;
            /**
             * Format: int64
             * @description How many there are in all pages, where that is known.
             */
            total?: number | null;
        };
        /** @description One page of a list. */
        List_Department: {
            items: components["schemas"]["Department"][];
            /** @description Hand this back as `cursor` to get the next page; null on the last. */
            next: string | null;
            /**
             * Format: int64
             * @description How many there are in all pages, where that is known.
             */
            total?: number | null;
        };
        /** @description One page of a list. */
        List_DirectoryDepartment: {
            items: components["schemas"]["DirectoryDepartment"][];
            /** @description Hand this back as `cursor` to get the next page; null on the last. */
            next: string | null;
            /**
             * Format: int64
             * @description How many there are in all pages, where that is known.
             */
            total?: number | null;
        };
        /** @description One page of a list. */
        List_Domain: {
            items: components["schemas"]["Domain"][];
            /** @description Hand this back as `cursor` to get the next page; null on the last. */
            next: string | null;
            /**
             * Format: int64
             * @description How many there are in all pages, where that is known.
             */
            total?: number | null;
        };
        /** @description One page of a list. */
        List_Import: {
            items: components["schemas"]["Import"][];
            /** @description Hand this back as `cursor` to get the next page; null on the last. */
            next: string | null;
            /**
             * Format: int64
             * @description How many there are in all pages, where that is known.
             */
            total?: number | null;
        };
        /** @description One page of a list. */
        List_ImportRow: {
            items: components["schemas"]["ImportRow"][];
            /** @description Hand this back as `cursor` to get the next page; null on the last. */
            next: string | null;
            /**
             * Format: int64
             * @description How many there are in all pages, where that is known.
             */
            total?: number | null;
        };
        /** @description One page of a list. */
        List_Job: {
            items: components["schemas"]["Job"][];
            /** @description Hand this back as `cursor` to get the next page; null on the last. */
            next: string | null;
            /**
             * Format: int64
             * @description How many there are in all pages, where that is known.
             */
            total?: number | null;
        };
        /** @description One page of a list. */
        List_MemberAddress: {
            items: components["schemas"]["MemberAddress"][];
            /** @description Hand this back as `cursor` to get the next page; null on the last. */
            next: string | null;
            /**
             * Format: int64
             * @description How many there are in all pages, where that is known.
             */
            total?: number | null;
        };
        /** @description One page of a list. */
        List_MemberRow: {
            items: components["schemas"]["MemberRow"][];
            /** @description Hand this back as `cursor` to get the next page; null on the last. */
            next: string | null;
            /**
             * Format: int64
             * @description How many there are in all pages, where that is known.
             */
            total?: number | null;
        };
        /** @description One page of a list. */
        List_QueueMessage: {
            items: components["schemas"]["QueueMessage"][];
            /** @description Hand this back as `cursor` to get the next page; null on the last. */
            next: string | null;
            /**
             * Format: int64
             * @description How many there are in all pages, where that is known.
             */
            total?: number | null;
        };
        /** @description One page of a list. */
        List_RemovedMessageRow: {
            items: components["schemas"]["RemovedMessageRow"][];
            /** @description Hand this back as `cursor` to get the next page; null on the last. */
            next: string | null;
            /**
             * Format: int64
             * @description How many there are in all pages, where that is known.
             */
            total?: number | null;
        };
        /** @description One page of a list. */
        List_ServiceClass: {
            items: components["schemas"]["ServiceClass"][];
            /** @description Hand this back as `cursor` to get the next page; null on the last. */
            next: string | null;
            /**
             * Format: int64
             * @description How many there are in all pages, where that is known.
             */
            total?: number | null;
        };
        /** @description One page of a list. */
        List_SessionRow: {
            items: components["schemas"]["SessionRow"][];
            /** @description Hand this back as `cursor` to get the next page; null on the last. */
            next: string | null;
            /**
             * Format: int64
             * @description How many there are in all pages, where that is known.
             */
            total?: number | null;
        };
        /** @description A mailbox and how full it is. */
        MailStorage: {
            mail_account_id: string;
            /** Format: int64 */
            message_count: number;
            quota: components["schemas"]["Quota"];
            /** Format: int64 */
            used_bytes: number;
        };
        /** @description A member with everything an administrator may see. */
        Member: {
            account_kind: components["schemas"]["AccountKind"];
            account_name: string;
            /** Format: date-time */
            activated_at: string | null;
            /** @description The primary address; null without a mailbox. */
            address: string | null;
            aliases: string[];
            alternate_address: string | null;
            /** Format: date */
            birthday: string | null;
            /** Format: date-time */
            created_at: string;
            /** @description The main department first. */
            departments: components["schemas"]["MemberDepartment"][];
            /** @description Room for files. */
            drive: components["schemas"]["Quota"];
            employee_number: string | null;
            /** Format: date */
            expires_on: string | null;
            gender: null | components["schemas"]["Gender"];
            home_phone: string | null;
            id: string;
            /** Format: date */
            join_date: string | null;
            kind: components["schemas"]["MemberKind"];
            /** Format: date-time */
            last_sign_in_at: string | null;
            /** Format: date-time */
            locked_at: string | null;
            mail: null | components["schemas"]["MailStorage"];
            /** @description Fields the organisation requires and the member lacks. */
            missing_fields: string[];
            mobile: string | null;
            name: string;
            nickname: string | null;
            office_location: string | null;
            office_phone: string | null;
            /** Format: date-time */
            recycled_at: string | null;
            remarks: string | null;
            role: null | components["schemas"]["AdministratorRole"];
            service_class: components["schemas"]["ServiceClassRef"];
            state: components["schemas"]["MemberState"];
            supervisor: null | components["schemas"]["Leader"];
            /** Format: date-time */
            suspended_at: string | null;
            visible_in_directory: boolean;
        };
        /** @description One address of a member. */
        MemberAddress: {
            address: string;
            /** Format: date-time */
            created_at: string;
            /** @description `primary`, `alias` or `held`. */
            kind: string;
        };
        /** @description What to do with which members. Either `member_ids` or `filter`. */
        MemberBatch: {
            action: components["schemas"]["BatchAction"];
            /** @description Where to, for `move`. */
            department_id?: string | null;
            filter?: null | components["schemas"]["BatchFilter"];
            /** @description Up to 5,000 members. */
            member_ids?: string[] | null;
            /** @description True to only count what would be done. */
            preview?: boolean;
            /** @description Which one, for `set_service_class`. */
            service_class_id?: string | null;
        };
        /** @description What would be done, or the job that does it. */
        MemberBatchAnswer: {
            job: null | components["schemas"]["Job"];
            /**
             * Format: int64
             * @description How many members were named or match.
             */
            matched: number;
        };
        /** @description Members by state. `total` leaves the recycle bin out. */
        MemberCounts: {
            /** Format: int64 */
            active: number;
            /** Format: int64 */
            expired: number;
            /** Format: int64 */
            leaving: number;
            /** Format: int64 */
            locked: number;
            /** Format: int64 */
            pending: number;
            /** Format: int64 */
            recycled: number;
            /** Format: int64 */
            suspended: number;
            /** Format: int64 */
            total: number;
        };
        /** @description A department a member belongs to. */
        MemberDepartment: {
            department_id: string;
            is_main: boolean;
            /** @description The names from below the root down to it; empty for the root itself. */
            path: string[];
            position: string | null;
            rank: string | null;
        };
        /**
         * @description Whether the post is held by a person or a function (a unit account).
         * @enum {string}
         */
        MemberKind: "person" | "function";
        /** @description Changes to a member. A field that is absent stays; null empties it. */
        MemberPatch: {
            account_name?: string | null;
            alternate_address?: string | null;
            /** Format: date */
            birthday?: string | null;
            employee_number?: string | null;
            /** Format: date */
            expires_on?: string | null;
            /** Format: int64 */
            extra_drive_quota_bytes?: number | null;
            /** Format: int64 */
            extra_mail_quota_bytes?: number | null;
            gender?: null | components["schemas"]["Gender"];
            home_phone?: string | null;
            /** Format: date */
            join_date?: string | null;
            mobile?: string | null;
            name?: string | null;
            nickname?: string | null;
            office_location?: string | null;
            office_phone?: string | null;
            remarks?: string | null;
            service_class_id?: string | null;
            supervisor_id?: string | null;
            visible_in_directory?: boolean | null;
        };
        /** @description A member in a list. */
        MemberRow: {
            account_kind: components["schemas"]["AccountKind"];
            account_name: string;
            address: string | null;
            /** Format: date-time */
            created_at: string;
            /** @description The main department first. */
            departments: components["schemas"]["MemberDepartment"][];
            employee_number: string | null;
            /** Format: date */
            expires_on: string | null;
            id: string;
            kind: components["schemas"]["MemberKind"];
            /** Format: date-time */
            last_sign_in_at: string | null;
            mobile: string | null;
            name: string;
            service_class: components["schemas"]["ServiceClassRef"];
            state: components["schemas"]["MemberState"];
        };
        /**
         * @description What a member can do now; computed, the first that applies.
         * @enum {string}
         */
        MemberState: "recycled" | "leaving" | "suspended" | "locked" | "expired" | "pending" | "active";
        /** @description Where a department goes. */
        MoveDepartment: {
            /** @description The sibling it stands before; without it, the end. */
            before_id?: string | null;
            parent_id: string;
        };
        /** @enum {string} */
        OnExisting: "update" | "skip" | "fail";
        /** @description The organisation and its settings. */
        Organisation: {
            /** @description Mail programs sign in with client passwords only. */
            client_passwords_only: boolean;
            code: string;
            /** @description A profile that lacks one of these is shown as incomplete: `gender`, `mobile`, `office_phone`, `position`, `address`, `employee_number`, … */
            complete_profile: string[];
            /** Format: date-time */
            created_at: string;
            /**
             * Format: int32
             * @description From how many days before its expiry a member is listed as expiring soon.
             */
            expiring_soon_days: number;
            id: string;
            /**
             * Format: int32
             * @description For how many days an initial password opens the page that chooses a new one.
             */
            initial_password_days: number;
            language: string;
            /**
             * Format: int64
             * @description How many members the organisation may have; null is without limit.
             */
            member_limit: number | null;
            name: string;
            password_policy: components["schemas"]["PasswordPolicy"];
            required_fields: components["schemas"]["RequiredFields"];
            time_zone: string;
        };
        /** @description Changes to the organisation; what is absent stays. */
        OrganisationPatch: {
            client_passwords_only?: boolean | null;
            complete_profile?: string[] | null;
            /**
             * Format: int32
             * @description 1 to 365 days.
             */
            expiring_soon_days?: number | null;
            /**
             * Format: int32
             * @description 1 to 90 days.
             */
            initial_password_days?: number | null;
            /** @description `zh-CN` or `en`. */
            language?: string | null;
            name?: string | null;
            password_policy?: null | components["schemas"]["PasswordPolicy"];
            required_fields?: null | components["schemas"]["RequiredFields"];
            time_zone?: string | null;
        };
        /** @description What there is, and what waits for somebody. */
        Overview: {
            /**
             * Format: int64
             * @description Without the root, which stands for the organisation.
             */
            departments: number;
            /** Format: int64 */
            domains: number;
            /**
             * Format: int64
             * @description Domains that are neither verified nor assumed.
             */
            domains_waiting: number;
            /**
             * Format: int64
             * @description Members whose expiry day is so near that it is worth a look; the organisation sets how near.
             */
            expiring_soon: number;
            /**
             * Format: int64
             * @description Members who lack a field that the organisation requires.
             */
            incomplete_profiles: number;
            member_counts: components["schemas"]["MemberCounts"];
            /**
             * Format: int64
             * @description How many members the organisation may have; null is without limit.
             */
            member_limit: number | null;
            /** @description The latest changes; empty for those who may not see them. */
            recent_audit: components["schemas"]["AuditEvent"][];
            /** @description The latest jobs; empty for those who may not see them. */
            recent_jobs: components["schemas"]["Job"][];
        };
        /** @description A password being typed. It is judged and forgotten. */
        PasswordCheck: {
            /** @description The person's name, which a password may not contain. */
            name?: string | null;
            /** @description Whose policy applies; without it, the policy new organisations start with. */
            organisation_code?: string | null;
            /** Format: password */
            password: string;
        };
        /** @description What a password must have. */
        PasswordPolicy: {
            /**
             * Format: int32
             * @description How many former passwords may not be taken again: 0 to 24.
             */
            history: number;
            /**
             * Format: int32
             * @description 6 to 64 characters.
             */
            min_length: number;
            require_digit: boolean;
            require_lower: boolean;
            require_special: boolean;
            require_upper: boolean;
        };
        /** @description One rule of the policy. */
        PasswordRule: {
            met: boolean;
            /** @description What the rule's text speaks of, such as `{"min_length": "10"}`. */
            params: {
                [key: string]: string;
            };
            /**
             * @description `min_length`, `upper`, `lower`, `digit`, `special`, `common`, `personal` or `history`; the last is only told when the password is sent.
             * @example min_length
             */
            rule: string;
        };
        /** @description How a password does against the policy. */
        PasswordVerdict: {
            /** @description Whether all rules are met. */
            acceptable: boolean;
            rules: components["schemas"]["PasswordRule"][];
        };
        /**
         * @description What an administrator may do.
         * @enum {string}
         */
        Permission: "view_overview" | "manage_organisation" | "manage_domains" | "view_departments" | "manage_departments" | "view_members" | "manage_members" | "reset_passwords" | "import_members" | "export_members" | "manage_service_classes" | "manage_administrators" | "view_audit" | "view_jobs" | "manage_queue" | "use_own_account";
        /** @description What a failed request is answered with (RFC 9457). */
        Problem: {
            /** @description Stable; the language files have a text for it. */
            code: string;
            /** @description Which fields of the request are wrong, and how. */
            fields: components["schemas"]["ProblemField"][];
            /** @description What the code's text speaks of. */
            params: {
                [key: string]: string;
            };
            /** @description To quote when asking for help; the log has it too. */
            request_id: string;
            /** Format: int32 */
            status: number;
            /** @description In English, for people who read logs; pages show the code's text. */
            title: string;
            /** @description `urn:yanshu:problem:` and the code. */
            type: string;
        };
        /** @description One wrong field. */
        ProblemField: {
            code: string;
            /** @description The field's name, with `.` and indexes for nested ones. */
            field: string;
            params: {
                [key: string]: string;
            };
        };
        /** @description What a server answered last, or why none could be asked. */
        QueueAnswer: {
            /** Format: date-time */
            at: string | null;
            /**
             * Format: int32
             * @description Its reply code.
             */
            code: number | null;
            /** @description The server; null when it came to none. */
            host: string | null;
            /**
             * @description The enhanced status (RFC 3463).
             * @example 4.7.1
             */
            status: string;
            /** @description In the words of the server. */
            text: string;
        };
        /** @description How many recipients are in which state. */
        QueueCounts: {
            /** Format: int64 */
            delivered: number;
            /** Format: int64 */
            expired: number;
            /** Format: int64 */
            failed: number;
            /** Format: int64 */
            queued: number;
            /** Format: int64 */
            removed: number;
        };
        /** @description A message in the queue, as lists show it. */
        QueueMessage: {
            /** @description How many recipients are in which state. */
            counts: components["schemas"]["QueueCounts"];
            /** Format: date-time */
            created_at: string;
            /**
             * Format: date-time
             * @description When the last of its recipients was settled; null while one waits.
             */
            finished_at: string | null;
            id: string;
            next_recipient: null | components["schemas"]["QueueRecipient"];
            /** @description The envelope's sender; null for notices, which have none. */
            sender: string | null;
            /** Format: int64 */
            size_bytes: number;
        };
        /** @description A message in the queue with all of its recipients. */
        QueueMessageDetails: {
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            finished_at: string | null;
            id: string;
            recipients: components["schemas"]["QueueRecipient"][];
            sender: string | null;
            /** Format: int64 */
            size_bytes: number;
        };
        /** @description How it stands with a recipient. */
        QueueRecipient: {
            address: string;
            /**
             * Format: int64
             * @description How often it was tried.
             */
            attempts: number;
            /**
             * Format: date-time
             * @description When it is tried next; null when it is settled or being sent.
             */
            due_at: string | null;
            /** Format: date-time */
            finished_at: string | null;
            /** @description It is being sent at this moment. */
            is_sending: boolean;
            last_answer: null | components["schemas"]["QueueAnswer"];
            state: components["schemas"]["QueueState"];
        };
        /** @enum {string} */
        QueueState: "queued" | "delivered" | "failed" | "expired" | "removed";
        /** @description A quota as people read it: class base plus the member's own addition. */
        Quota: {
            /**
             * Format: int64
             * @description What the service class gives; null is unlimited.
             */
            class_bytes: number | null;
            /** Format: int64 */
            extra_bytes: number;
            /**
             * Format: int64
             * @description What applies; null is unlimited.
             */
            total_bytes: number | null;
        };
        /** @description Which of them. */
        RemovedMessageIds: {
            ids: string[];
        };
        /** @description A message that was removed for good, as it can be recognised. */
        RemovedMessageRow: {
            from: components["schemas"]["RemovedMessageSender"][];
            id: string;
            /** @description The JMAP id of the mailbox it was in last; null when that is gone. */
            mailbox_id: string | null;
            preview: string;
            /** Format: date-time */
            received_at: string;
            /** Format: date-time */
            removed_at: string;
            /** Format: int64 */
            size_bytes: number;
            subject: string;
        };
        RemovedMessageSender: {
            address: string;
            name: string | null;
        };
        /** @description Which fields a member must have, in forms and imports. */
        RequiredFields: {
            department: boolean;
            mobile: boolean;
            name: boolean;
        };
        /** @description From when on and until before when what is brought back was removed. */
        RestoreMail: {
            /** Format: date-time */
            removed_from: string;
            /** Format: date-time */
            removed_until: string;
        };
        RestoredMessage: {
            /** @description Its JMAP id from now on. */
            email_id: string;
            id: string;
        };
        RestoredMessages: {
            /** @description Not removed, or no longer recoverable. */
            not_found: string[];
            restored: components["schemas"]["RestoredMessage"][];
            /** @description Still recoverable; the mailbox is too full. */
            without_room: string[];
        };
        /** @description A service class. Raising its quota raises every member's. */
        ServiceClass: {
            /**
             * Format: int64
             * @description Null is unlimited.
             */
            drive_quota_bytes: number | null;
            id: string;
            /** @description Whether new members get it when nothing else is said. */
            is_default: boolean;
            /**
             * Format: int64
             * @description Null is unlimited.
             */
            mail_quota_bytes: number | null;
            /** Format: int64 */
            member_count: number;
            name: string;
        };
        /** @description Changes to a service class; what is absent stays. */
        ServiceClassPatch: {
            /**
             * Format: int64
             * @description Null makes it unlimited.
             */
            drive_quota_bytes?: number | null;
            /** @description True makes it the one new members get. */
            is_default?: boolean | null;
            /**
             * Format: int64
             * @description Null makes it unlimited.
             */
            mail_quota_bytes?: number | null;
            name?: string | null;
        };
        ServiceClassRef: {
            id: string;
            name: string;
        };
        /** @description Who is signed in, and what the pages need to begin. */
        Session: {
            /** @description Whether the console is open to this member. */
            administrator: boolean;
            /** @description To be sent as `X-CSRF-Token` with every request that changes something. */
            csrf_token: string;
            member: components["schemas"]["SessionMember"];
            organisation: components["schemas"]["SessionOrganisation"];
            password_policy: components["schemas"]["PasswordPolicy"];
            /** @description What the member may do in the console; empty in a session of mail and account. */
            permissions: components["schemas"]["Permission"][];
            role: null | components["schemas"]["AdministratorRole"];
            stage: components["schemas"]["Stage"];
        };
        /** @description The member who is signed in. */
        SessionMember: {
            account_name: string;
            address: string | null;
            id: string;
            name: string;
        };
        /** @description The organisation the member belongs to. */
        SessionOrganisation: {
            code: string;
            id: string;
            language: string;
            name: string;
            /** @description An IANA time zone; times are shown in it. */
            time_zone: string;
        };
        /** @description One of the places where the member is signed in. */
        SessionRow: {
            /** Format: date-time */
            created_at: string;
            /** @description Whether it is the session that asks. */
            current: boolean;
            /** Format: date-time */
            expires_at: string;
            id: string;
            ip: string | null;
            /** Format: date-time */
            last_seen_at: string;
            /** @description `account` or `console`. */
            realm: string;
            user_agent: string | null;
        };
        /** @description The leaders, in order; replaces those before. */
        SetDepartmentLeaders: {
            member_ids: string[];
        };
        /** @description All departments of a member; replaces those before. The first is the main one. */
        SetMemberDepartments: {
            departments: components["schemas"]["DepartmentPost"][];
        };
        /** @description The first organisation, its mail domain, and its first administrator, who gets a mailbox in that domain. */
        SetUpOrganisation: {
            administrator_name: string;
            /**
             * @description The organisation's mail domain; the console tells which DNS records it wants.
             * @example example.test
             */
            domain: string;
            /**
             * @description `zh-CN` or `en`.
             * @example zh-CN
             */
            language: string;
            /** @description The part before the `@` of the administrator's address. */
            mail_prefix: string;
            /**
             * @description Short name people type when they sign in with an account name: letters, digits and `-`.
             * @example kangning
             */
            organisation_code: string;
            organisation_name: string;
            /** Format: password */
            password: string;
            /** @description An IANA time zone; `Asia/Shanghai` when not given. */
            time_zone?: string | null;
            /** @description The token of the one-time link. */
            token: string;
        };
        /** @description Whether the one-time link still opens the set-up page. */
        SetupPage: {
            valid: boolean;
        };
        /** @description A mail address, or an organisation code and an account name; and the password. */
        SignIn: {
            account_name?: string | null;
            address?: string | null;
            organisation_code?: string | null;
            /** Format: password */
            password: string;
            /** @description Whether the session outlives the browser. */
            remember?: boolean;
        };
        /** @description What an organisation's own sign-in page shows. */
        SignInPage: {
            organisation_code: string;
            organisation_name: string;
        };
        /**
         * @description How far a session has come.
         * @enum {string}
         */
        Stage: "full" | "choose_password";
        /** @description Which columns of which members, in what form. */
        StartExport: {
            /** @description Members of these departments and those below them; absent or empty for the whole organisation. */
            department_ids?: string[];
            /** @description Column keys in the order of the file, such as `name`, `mobile`, `address`, `state`; absent or empty for all. */
            fields?: string[];
            format?: components["schemas"]["FileFormat"];
            /** @description The language of the headings, `zh-CN` or `en`; the organisation's when absent. */
            language?: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listClientPasswords: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_ClientPasswordRow"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createClientPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateClientPassword"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedClientPassword"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeClientPassword: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getClientSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientSettings"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePassword"];
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRemovedMessages: {
        parameters: {
            query?: {
                /** @description The `next` of the page before; without it, the first page. */
                cursor?: string;
                /** @description How many items at most: 1 to 500, 50 when not given. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_RemovedMessageRow"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    forgetRemovedMessages: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RemovedMessageIds"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ForgottenMessages"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restoreRemovedMessages: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RemovedMessageIds"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoredMessages"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_SessionRow"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeOtherSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAdministrators: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Administrator"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    grantAdministrator: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                member_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GrantAdministrator"];
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeAdministrator: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                member_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAuditEvents: {
        parameters: {
            query?: {
                /** @description An action, or the part before its dot with the dot: `member.` */
                action?: string;
                /** @description The member who acted. */
                actor?: string;
                target_kind?: string;
                /** @description The id of what it was done to; asks for `target_kind` too. */
                target_id?: string;
                from?: string;
                /** @description Up to, but without. */
                to?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_AuditEvent"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    verifyAudit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditReport"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDepartments: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Department"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createDepartment: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateDepartment"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Department"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeDepartment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateDepartment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DepartmentPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Department"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setDepartmentLeaders: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetDepartmentLeaders"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Department"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    moveDepartment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MoveDepartment"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Department"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDomains: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Domain"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addDomain: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddDomain"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Domain"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDomain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Domain"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeDomain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    checkDomain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Domain"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    makeDomainDefault: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Domain"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    streamEvents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    startExport: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StartExport"];
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedJob"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getExportFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getImportTemplate: {
        parameters: {
            query?: {
                /** @description `xlsx` when absent. */
                format?: components["schemas"]["FileFormat"];
                /** @description The language of headings and notes, `zh-CN` or `en`; the organisation's when absent. */
                language?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listImports: {
        parameters: {
            query?: {
                /** @description The `next` of the page before; without it, the first page. */
                cursor?: string;
                /** @description How many items at most: 1 to 500, 50 when not given. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Import"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createImport: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["ImportUpload"];
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Import"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Import"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    applyImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Import"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Import"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    fetchInitialPasswords: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listImportRows: {
        parameters: {
            query?: {
                outcome?: components["schemas"]["ImportOutcome"];
                result?: components["schemas"]["ImportResult"];
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_ImportRow"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateImportRow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                /** @description The row number, as the spreadsheet program shows it */
                row: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportRowPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportRow"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    undoImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Import"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWrongRows: {
        parameters: {
            query?: {
                /** @description `xlsx` when absent. */
                format?: components["schemas"]["FileFormat"];
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listJobs: {
        parameters: {
            query?: {
                /** @description The `next` of the page before; without it, the first page. */
                cursor?: string;
                /** @description How many items at most: 1 to 500, 50 when not given. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Job"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listMembers: {
        parameters: {
            query?: {
                department_id?: string;
                /** @description Whether members of departments below count too; true when absent. */
                include_subdepartments?: boolean;
                /** @description Part of a name, its pinyin or initials, an account name, an address, a mobile or an employee number. */
                search?: string;
                /** @description Members in the recycle bin are listed only when asked for. */
                state?: components["schemas"]["MemberState"];
                service_class_id?: string;
                account_kind?: components["schemas"]["AccountKind"];
                /** @description Whether a field that the organisation requires is missing. */
                incomplete?: boolean;
                has_mobile?: boolean;
                /** @description Created on this day or later, in the organisation's time zone. */
                created_from?: string;
                /** @description Created on this day or earlier, in the organisation's time zone. */
                created_to?: string;
                /** @description With an expiry day before this one. */
                expires_before?: string;
                /** @description `name` when absent; `manual` is the order administrators gave within the department. */
                sort?: "name" | "account_name" | "employee_number" | "created_at" | "last_sign_in_at" | "manual";
                descending?: boolean;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_MemberRow"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createMember: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateMember"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedMember"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeMembers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemberBatch"];
            };
        };
        responses: {
            /** @description The preview */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberBatchAnswer"];
                };
            };
            /** @description The job that was started */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberBatchAnswer"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemberPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listMemberAliases: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_MemberAddress"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addMemberAlias: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddAlias"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberAddress"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeMemberAlias: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setMemberDepartments: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetMemberDepartments"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    lockMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    recycleMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resetMemberPassword: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InitialPassword"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restoreMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restoreMemberMail: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RestoreMail"];
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedJob"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    suspendMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unlockMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOrganisation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organisation"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateOrganisation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrganisationPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organisation"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOverview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listQueueMessages: {
        parameters: {
            query?: {
                /** @description Messages with a recipient in this state. */
                state?: "queued" | "delivered" | "failed" | "expired" | "removed";
                /** @description `true` for those of which every recipient is settled, `false` for the others. */
                finished?: boolean;
                /** @description Messages with a recipient in this domain. */
                domain?: string;
                /** @description Messages of this sender. */
                sender?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_QueueMessage"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getQueueMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueueMessageDetails"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeQueueMessage: {
        parameters: {
            query?: {
                /** @description Whether the sender is told whom the message does not reach. */
                notify_sender?: boolean;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retryQueueMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueueMessageDetails"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listServiceClasses: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_ServiceClass"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addServiceClass: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddServiceClass"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceClass"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeServiceClass: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateServiceClass: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServiceClassPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceClass"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConsoleSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signInToConsole: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signOutOfConsole: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    chooseFirstConsolePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChoosePassword"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDirectoryDepartments: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_DirectoryDepartment"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDirectoryMembers: {
        parameters: {
            query?: {
                /** @description In this department or below it. */
                department_id?: string;
                /** @description Words of a name, its pinyin or initials, an address, a mobile, or the name of a department. Whose name begins so comes first. */
                search?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Colleague"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEntry: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Entry"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    checkPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordCheck"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasswordVerdict"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    chooseFirstPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChoosePassword"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSetup: {
        parameters: {
            query: {
                /** @description The token of the one-time link that the server printed. */
                token: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SetupPage"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setUpOrganisation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetUpOrganisation"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSignInPage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The organisation code, in any case */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInPage"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
